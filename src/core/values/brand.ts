/** A value of type `T` that only its own parser can make. Canonical by construction, so equality is `===`. */
export type Brand<T, Name extends string> = T & { readonly __brand: Name }

/** Ends a switch over a discriminated union: the compiler objects when a case is missing. */
export function assertNever(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`)
}
