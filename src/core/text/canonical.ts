import * as z from 'zod'

/** A value that one of our own parsers made, as it comes back: it must be what the parser makes of it. */
export function canonical<T extends string>(parse: (text: string) => T | undefined) {
  return z.custom<T>(value => typeof value === 'string' && parse(value) === value)
}
