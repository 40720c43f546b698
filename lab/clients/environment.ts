import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LabGuest } from '../guest.ts'

/** Variables by which a client tells what it leased. */
export type Environment = Readonly<Record<string, string | undefined>>

/** A script that clients run at each change, and the file in which it leaves its environment. */
export interface LeaseScript {
  readonly path: string
  /** The environment of the latest run that brought a lease. */
  environment(): Environment | undefined
}

/**
 * Writes a client's script: where `condition`, a shell test, holds it keeps the environment after `body` is done, so that
 * whoever reads of a lease finds it applied.
 */
export function writeLeaseScript(
  guest: LabGuest,
  name: string,
  condition: string,
  body: string,
): LeaseScript {
  const path = join(guest.dir, `${name}.sh`)
  const file = join(guest.dir, `${name}.env`)
  rmSync(file, { force: true })
  const keep = `if ${condition}; then env > ${file}.new && mv ${file}.new ${file}; fi`
  writeFileSync(path, `#!/bin/sh\n${body}\n${keep}\nexit 0\n`, { mode: 0o755 })
  return {
    path,
    environment: () => (existsSync(file) ? parseEnvironment(readFileSync(file, 'utf8')) : undefined),
  }
}

/** Reads lines of `NAME=value`. */
export function parseEnvironment(text: string): Environment {
  const entries = text.split('\n').map(line => {
    const equals = line.indexOf('=')
    return [line.slice(0, equals), line.slice(equals + 1)] as const
  })
  return Object.fromEntries(entries.filter(([name]) => name !== ''))
}

/** Splits at blanks and commas. */
export function words(text: string | undefined): string[] {
  return (text ?? '').split(/[\s,]+/).filter(word => word !== '')
}

export function numberIn(text: string | undefined): number | undefined {
  return text === undefined || text === '' ? undefined : Number(text)
}

/** Pairs of destination and gateway: `172.31.1.1/32 0.0.0.0 0.0.0.0/0 172.31.1.1`. */
export function routePairs(text: string | undefined): { destination: string; gateway: string }[] {
  const all = words(text)
  return all.flatMap((destination, index) => {
    const gateway = all[index + 1]
    return index % 2 === 0 && gateway !== undefined ? [{ destination, gateway }] : []
  })
}
