import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { chmodSync, closeSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import * as z from 'zod'
import { exists, readText, writeAtomically } from '../../os/files.ts'

/** A token that a machine shows to look; only its hash is kept. */
const Token = z.object({
  name: z.string(),
  /** Of the secret, SHA-256 in hex. */
  hash: z.string(),
  /** Milliseconds since 1970. */
  created: z.number(),
})
export type Token = Readonly<z.output<typeof Token>>

const Tokens = z.array(Token)

/** Where they are: only root of a node of the cluster can read `priv`. */
function tokensFile(pveRoot: string): string {
  return join(pveRoot, 'priv', 'guestnet', 'tokens.json')
}

/** What the nodes show one another. It is no hash: each has to know it. */
function nodeSecretFile(pveRoot: string): string {
  return join(pveRoot, 'priv', 'guestnet', 'node-secret')
}

/** Those there are; throws where the file cannot be understood. */
export function readTokens(pveRoot: string): Token[] {
  const file = readText(tokensFile(pveRoot))
  if (file.ok) return Tokens.parse(JSON.parse(file.text))
  if (file.absent) return []
  throw new Error(file.reason)
}

/** Makes a token and returns its secret, which is told this once. Throws where the cluster cannot be written. */
export function createToken(pveRoot: string, name: string): string {
  const secret = newSecret()
  const others = readTokens(pveRoot).filter(token => token.name !== name)
  write(pveRoot, [...others, { name, hash: hashOf(secret).toString('hex'), created: Date.now() }])
  return secret
}

/** Returns whether there was one. Throws where the cluster cannot be written. */
export function removeToken(pveRoot: string, name: string): boolean {
  const tokens = readTokens(pveRoot)
  const others = tokens.filter(token => token.name !== name)
  if (others.length === tokens.length) return false
  write(pveRoot, others)
  return true
}

/** The name of the token whose secret this is. */
export function tokenOf(secret: string, tokens: readonly Token[]): string | undefined {
  const hash = hashOf(secret)
  return tokens.find(token => isSame(hash, Buffer.from(token.hash, 'hex')))?.name
}

/** Whether this is what the nodes of the cluster show one another. */
export function isNodeSecret(pveRoot: string, secret: string): boolean {
  const known = nodeSecret(pveRoot)
  return known !== undefined && isSame(hashOf(secret), hashOf(known))
}

/** What the nodes of the cluster show one another; `undefined` before the first made it. */
export function nodeSecret(pveRoot: string): string | undefined {
  const file = readText(nodeSecretFile(pveRoot))
  const secret = file.ok ? file.text.trim() : ''
  return secret === '' ? undefined : secret
}

/** Makes it unless there is one; of several nodes that try, one does. Throws where the cluster cannot be written. */
export function makeNodeSecret(pveRoot: string): void {
  const path = nodeSecretFile(pveRoot)
  if (exists(path)) return
  makeFolder(path)
  const file = openSync(path, 'wx', 0o600)
  try {
    writeSync(file, `${newSecret()}\n`)
  } finally {
    closeSync(file)
  }
}

function write(pveRoot: string, tokens: readonly Token[]): void {
  makeFolder(tokensFile(pveRoot))
  writeAtomically(tokensFile(pveRoot), `${JSON.stringify(tokens, undefined, 2)}\n`, 0o600)
}

/** pmxcfs keeps `priv` to root whatever the mode; a plain tree does not. */
function makeFolder(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  try {
    chmodSync(dirname(path), 0o700)
  } catch {
    // pmxcfs knows no modes.
  }
}

function newSecret(): string {
  return randomBytes(32).toString('base64url')
}

function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}

function isSame(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b)
}
