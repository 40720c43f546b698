/** Of the addresses that lead nowhere (RFC 6666); no guest is offered one. */
export const PROBE_ADDRESS6 = '100::67'
