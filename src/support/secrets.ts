import { parse } from 'yaml'

const NAMES = /^(?:password|passwd|passphrase|secret|token|key|apikey|cipassword)$/i

/** The values that a policy holds under names of secrets, however they are written there. Of a text that is not YAML: none. */
export function secretsIn(yaml: string): string[] {
  try {
    return [...new Set(under(parse(yaml)))]
  } catch {
    return []
  }
}

function under(value: unknown, isSecret = false): string[] {
  if (Array.isArray(value)) return value.flatMap(item => under(item, isSecret))
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([name, inner]) => under(inner, isSecret || NAMES.test(name)))
  return isSecret && value !== null && value !== undefined ? [String(value).trim()] : []
}

/** `password: x`, `password "x";`, `password=x`: also where what surrounds it is broken, or of another time. */
const WRITTEN =
  /\b(password|passwd|passphrase|secret|token|apikey|cipassword)(["']?\s*[:=]?\s*)("(?:[^"\\\n]|\\.)*"?|'[^'\n]*'?|[^\s,;{}]+)/gi

/** As crypt(5) writes hashes of passwords. */
const HASH = /\$(?:[0-9][a-z]?|y|gy|sha1|md5|argon2\w*|7)\$[^\s"',:;]+/g

/** Shorter ones would be found in everything. */
const SHORTEST = 4

/** A text without secrets: those that are known, what is written like one, and hashes of passwords. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  const known = secrets.filter(({ length }) => length >= SHORTEST).toSorted((a, b) => b.length - a.length)
  const without = known.reduce(
    (rest, secret) => rest.replaceAll(secret, '…').replaceAll(JSON.stringify(secret).slice(1, -1), '…'),
    text,
  )
  return without.replaceAll(WRITTEN, '$1$2…').replaceAll(HASH, '…')
}
