/** What a daemon of the administrator's does not get to know: a table of the kernel's has only routes. */
export const CANNOT_CARRY = [
  'The table cannot carry when a guest arrived, nor communities, nor what `bgp.export` and `bgp.blackholes` say: routers cannot prefer',
  "the later arrival, and believe a node that a guest has left until it withdraws the route. guestnet's own BIRD tells all of it.",
] as const
