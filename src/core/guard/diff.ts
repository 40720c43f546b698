import type { Address } from '../values/address.ts'
import type { GuardChange } from './change.ts'
import { type NetworkId, NO_ENTRIES } from './entry.ts'
import { type GuardTable, NO_GUARD, type ObservedNetwork, type ObservedPort } from './observation.ts'
import { type Quick, quickOf } from './quick.ts'
import type { GuardPort, GuardTarget } from './target.ts'

/**
 * The steps from the guard there is to the guard there should be. Networks come before the ports that lead to them, and go
 * after them. All are meant for one transaction: no frame meets half of them.
 */
export function diffGuard(target: GuardTarget, observed: GuardTable): GuardChange[] {
  const { mode } = target
  if (mode === 'off') return observed.exists ? [{ kind: 'guard-remove' }] : []
  const isKept = observed.exists && observed.intact
  const table = isKept ? observed : NO_GUARD
  return [
    ...(isKept ? [] : [{ kind: 'guard-create', mode, anew: observed.exists } as const]),
    ...(isKept && observed.mode !== mode ? [{ kind: 'guard-mode', mode } as const] : []),
    ...diffLinkLocals(target, table),
    ...[...target.networks].flatMap(([network, held]) =>
      diffNetwork(network, held, table.networks.get(network)),
    ),
    ...releases(target, table),
    ...target.ports.flatMap(port => diffPort(port, table)),
    ...[...table.networks.keys()]
      .filter(network => !target.networks.has(network))
      .map(network => ({ kind: 'guard-network-remove', network }) as const),
  ]
}

function diffLinkLocals({ linkLocals }: GuardTarget, table: GuardTable): GuardChange[] {
  const add = missingIn(table.linkLocals, linkLocals)
  const remove = missingIn(linkLocals, table.linkLocals)
  return add.length + remove.length === 0 ? [] : [{ kind: 'guard-link-locals', add, remove }]
}

function diffNetwork(
  network: NetworkId,
  held: ReadonlySet<Address>,
  observed: ObservedNetwork | undefined,
): GuardChange[] {
  if (!observed?.intact) {
    const make = observed ? 'anew' : 'new'
    return [{ kind: 'guard-network', network, make, add: [...held], remove: [] }]
  }
  const add = missingIn(observed.held, held)
  const remove = missingIn(held, observed.held)
  return add.length + remove.length === 0 ? [] : [{ kind: 'guard-network', network, add, remove }]
}

function diffPort({ link, label, entries }: GuardPort, table: GuardTable): GuardChange[] {
  const observed = table.ports.get(link)
  const quick = quickOf(entries, observed?.quick)
  const chain = chainOf(label, quick, observed)
  const add = missingIn(observed?.entries ?? NO_ENTRIES, entries)
  const remove = missingIn(entries, observed?.entries ?? NO_ENTRIES)
  const forget = chain === 'new' || chain === 'anew' ? reasonsOf(link, table) : []
  if (chain === 'kept' && add.length + remove.length === 0) return []
  return [{ kind: 'guard-port', link, label, chain, quick, add, remove, forget }]
}

function chainOf(label: string, quick: readonly Quick[], observed: ObservedPort | undefined) {
  if (!observed?.hasChain) return 'new'
  if (observed.label !== label) return 'anew'
  return observed.quick.join() === quick.join() ? 'kept' : 'rules'
}

function releases({ ports }: GuardTarget, table: GuardTable): GuardChange[] {
  const wanted = new Set(ports.map(({ link }) => link))
  const left = new Set([...table.ports.keys(), ...table.drops.keys()])
  return [...left]
    .filter(link => !wanted.has(link))
    .map(link => ({
      kind: 'guard-release',
      link,
      remove: [...(table.ports.get(link)?.entries ?? NO_ENTRIES)],
      forget: reasonsOf(link, table),
    }))
}

function reasonsOf(link: string, { drops }: GuardTable) {
  return (drops.get(link) ?? []).map(({ reason }) => reason)
}

/** What of the second is not in the first. */
function missingIn<T>(there: ReadonlySet<T>, wanted: ReadonlySet<T>): T[] {
  return [...wanted].filter(item => !there.has(item))
}
