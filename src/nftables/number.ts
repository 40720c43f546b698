/** A number as nft prints it: in decimal, quoted in hexadecimal where it is longer than 64 bits. `undefined`: it is none. */
export function numberOf(printed: unknown): bigint | undefined {
  if (typeof printed === 'number')
    return Number.isSafeInteger(printed) && printed >= 0 ? BigInt(printed) : undefined
  return typeof printed === 'string' && /^(?:0x[0-9a-f]{1,32}|[0-9]{1,39})$/i.test(printed)
    ? BigInt(printed)
    : undefined
}
