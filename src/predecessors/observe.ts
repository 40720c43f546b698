import { setTimeout as delay } from 'node:timers/promises'
import { assertNever } from '../core/values/brand.ts'
import { FAMILIES, type Family } from '../core/values/family.ts'
import { DONE, failed, type Result } from '../core/values/result.ts'
import { runBatch } from '../iproute2/ipBatch.ts'
import { BATCH_OF_RULE, type Line } from '../iproute2/routingRender.ts'
import { run } from '../os/program.ts'
import type { LeftNamespace, Leftover, LeftoverObservation, PlainRoute, PlainRule } from './leftover.ts'
import {
  parseNamespaces,
  parsePlainNeighbours,
  parsePlainRoutes,
  parsePlainRules,
  parseVeths,
} from './parse.ts'

const OPTION = { ipv4: '-4', ipv6: '-6' } as const satisfies Record<Family, string>
const LOCAL_TABLE = 255

/**
 * What may be a predecessor's on this node; routes are looked at in the tables that rules name and in `tables`. Throws when
 * `ip` itself does not work.
 */
export async function observeLeftovers(tables: readonly number[]): Promise<LeftoverObservation> {
  const [rules, neighbours, namespaces, links] = await Promise.all([
    Promise.all(FAMILIES.map(readRules)),
    Promise.all(
      FAMILIES.map(family => ip('-j', '-N', OPTION[family], 'neighbour', 'show', 'nud', 'permanent')),
    ),
    ip('-j', 'netns', 'list').then(parseNamespaces),
    ip('-d', '-j', 'link', 'show').then(parseVeths),
  ])
  const named = new Set([...tables, ...rules.flat().map(({ table }) => table)])
  named.delete(LOCAL_TABLE)
  return {
    rules: rules.flat(),
    routes: (await Promise.all([...named].map(readRoutes))).flat(),
    neighbours: neighbours.flatMap(parsePlainNeighbours),
    namespaces: await Promise.all(
      namespaces
        .filter(name => name.startsWith('kea_'))
        .map(async name => namespace(name, await pidsIn(name))),
    ),
    links,
  }
}

async function readRules(family: Family): Promise<PlainRule[]> {
  return parsePlainRules(await ip('-j', '-N', OPTION[family], 'rule', 'show'), family)
}

async function readRoutes(table: number): Promise<PlainRoute[]> {
  const families = FAMILIES.map(async family => {
    const listing = await run('ip', ['-j', '-N', OPTION[family], 'route', 'show', 'table', String(table)])
    // A table exists from its first route on.
    if (!listing.ok && !listing.stderr.includes('FIB table does not exist')) throw new Error(listing.reason)
    return listing.ok ? parsePlainRoutes(listing.stdout, table) : []
  })
  return (await Promise.all(families)).flat()
}

async function ip(...args: string[]): Promise<string> {
  const outcome = await run('ip', args)
  if (!outcome.ok) throw new Error(outcome.reason)
  return outcome.stdout
}

function namespace(name: string, pids: readonly number[]): LeftNamespace {
  return { kind: 'namespace', name, pids }
}

async function pidsIn(name: string): Promise<number[]> {
  const outcome = await run('ip', ['netns', 'pids', name])
  return outcome.ok ? outcome.stdout.split('\n').filter(Boolean).map(Number) : []
}

/** Removes leftovers, each exactly as it was seen. Returns those that could not be removed, with the reason. */
export async function removeLeftovers(leftovers: readonly Leftover[]): Promise<Map<Leftover, string>> {
  const failures = new Map<Leftover, string>()
  for (const leftover of leftovers) {
    const result = leftover.kind === 'namespace' ? await removeNamespace(leftover.name) : DONE
    if (!result.ok) failures.set(leftover, result.reason)
  }
  for (const batch of ['any', 'ipv6'] as const) {
    const own = leftovers.flatMap(leftover => {
      const line = renderRemoval(leftover)
      return line?.batch === batch ? [{ leftover, text: line.text }] : []
    })
    const failed = await runBatch(
      batch,
      own.map(({ text }) => text),
    )
    for (const [number, reason] of failed) {
      const line = own[number]
      if (line && !GONE.test(reason)) failures.set(line.leftover, `ip ${line.text}: ${reason}`)
    }
  }
  return failures
}

/** A link goes with its namespace, or with its other end. */
const GONE = /no such process|no such file|no such device|cannot find device/i

/** The line of `ip -batch` that removes something; a namespace takes more than one. */
export function renderRemoval(leftover: Leftover): Line | undefined {
  switch (leftover.kind) {
    case 'rule': {
      const { family, pref, side, prefix, table } = leftover
      return { batch: BATCH_OF_RULE[family], text: `rule del pref ${pref} ${side} ${prefix} lookup ${table}` }
    }
    case 'route': {
      const { prefix, via, device, table, metric, protocol } = leftover
      const way = `${via === undefined ? '' : ` via ${via}`} dev ${device}`
      const text = `route del ${prefix}${way} table ${table} metric ${metric} proto ${protocol}`
      return { batch: 'any', text }
    }
    case 'neighbour': {
      const { address, device } = leftover
      return { batch: 'any', text: `neighbour del ${address} dev ${device}` }
    }
    case 'link':
      return { batch: 'any', text: `link del dev ${leftover.name}` }
    case 'namespace':
      return undefined
    default:
      return assertNever(leftover)
  }
}

const PATIENCE_MS = 5000

/** A namespace whose name is removed lives on, with its links, as long as a process is in it: these are ended first. */
async function removeNamespace(name: string): Promise<Result> {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    const pids = await pidsIn(name)
    if (pids.includes(process.pid)) return failed('guestnet itself runs in it')
    for (const pid of pids) signalIfThere(pid, signal)
    if (await isEmptied(name)) break
  }
  return await run('ip', ['netns', 'del', name])
}

async function isEmptied(name: string): Promise<boolean> {
  const end = performance.now() + PATIENCE_MS
  while (performance.now() < end) {
    if ((await pidsIn(name)).length === 0) return true
    await delay(50)
  }
  return false
}

function signalIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It ended by itself.
  }
}
