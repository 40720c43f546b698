import { DAEMONS, type Daemon } from '../../lab/daemons.ts'

/** What a cluster is like as far as its administrators know: what guestnet has to make true of it. */
export interface Truth {
  readonly guests: ReadonlyMap<number, TrueGuest>
  /** Which of some policies is in force, none of which takes anything from anybody. */
  readonly policy: number
}

export interface TrueGuest {
  readonly node: NodeName
  readonly runs: boolean
  /** Which of its own addresses its file says. */
  readonly own: 0 | 1
  /** The guest whose addresses its file says instead. */
  readonly wants?: number
}

export const NODES = ['pve1', 'pve2'] as const
export type NodeName = (typeof NODES)[number]

/** Something that happens to a cluster. Each says all there is to it, so that a list of them is a test. */
export type Action =
  | { readonly kind: 'start' | 'stop' | 'migrate' | 'abort' | 'edit' | 'yield'; readonly vmid: number }
  | { readonly kind: 'conflict'; readonly vmid: number; readonly wants: number }
  | { readonly kind: 'crash'; readonly node: NodeName }
  | { readonly kind: 'kill'; readonly node: NodeName; readonly daemon: Daemon }
  | { readonly kind: 'clock'; readonly node: NodeName; readonly hours: number }
  | { readonly kind: 'policy'; readonly policy: number }
  /** /etc/pve is lost for a moment, and a guest's file is another one when it is back. */
  | { readonly kind: 'lost'; readonly vmid: number }

export const POLICIES = 3

export const VMIDS = [100, 101, 102, 103, 104]

/** All guests on the first node, some running. */
export const BEGINNING: Truth = {
  guests: new Map(VMIDS.map(vmid => [vmid, { node: 'pve1', runs: vmid < 103, own: 0 }])),
  policy: 0,
}

/** Everything that can happen now. A guest that is in a conflict is left to itself until it yields, but for what others do. */
export function possible({ guests, policy }: Truth): Action[] {
  const wanted = new Set([...guests.values()].flatMap(({ wants }) => wants ?? []))
  const free = [...guests].filter(([vmid, { wants }]) => wants === undefined && !wanted.has(vmid))
  const running = free.filter(([, { runs }]) => runs)
  const of = (kind: 'start' | 'stop' | 'migrate' | 'abort' | 'edit' | 'yield', some: typeof free) =>
    some.map(([vmid]) => ({ kind, vmid }) as const)
  const claims = free.flatMap(([vmid]) =>
    running.flatMap(([wants]) => (wants === vmid ? [] : [{ kind: 'conflict', vmid, wants } as const])),
  )
  return [
    ...of(
      'start',
      free.filter(([, { runs }]) => !runs),
    ),
    ...of('stop', running),
    ...of('migrate', [...running, ...[...guests].filter(([vmid]) => wanted.has(vmid))]),
    ...of('abort', running),
    ...of('edit', free),
    ...of(
      'yield',
      [...guests].filter(([, { wants }]) => wants !== undefined),
    ),
    ...claims.slice(0, 3),
    ...NODES.flatMap((node): Action[] => [
      { kind: 'crash', node },
      { kind: 'clock', node, hours: 5 },
      { kind: 'clock', node, hours: -5 },
      { kind: 'clock', node, hours: 0 },
      ...DAEMONS.map(daemon => ({ kind: 'kill', node, daemon }) as const),
    ]),
    { kind: 'policy', policy: (policy + 1) % POLICIES },
    ...free.slice(0, 2).map(([vmid]) => ({ kind: 'lost', vmid }) as const),
  ]
}

/** What is true once it has happened. */
export function after(truth: Truth, action: Action): Truth {
  const change = (vmid: number, by: (guest: TrueGuest) => TrueGuest): Truth => {
    const guest = truth.guests.get(vmid)
    return guest ? { ...truth, guests: new Map([...truth.guests, [vmid, by(guest)]]) } : truth
  }
  switch (action.kind) {
    case 'start':
    case 'stop':
      return change(action.vmid, guest => ({ ...guest, runs: action.kind === 'start' }))
    case 'migrate':
      return change(action.vmid, guest => ({ ...guest, node: otherNode(guest.node) }))
    case 'edit':
    case 'lost':
      return change(action.vmid, guest => ({ ...guest, own: guest.own === 0 ? 1 : 0 }))
    case 'conflict':
      return change(action.vmid, guest => ({ ...guest, wants: action.wants }))
    case 'yield':
      return change(action.vmid, ({ wants: _, ...guest }) => guest)
    case 'policy':
      return { ...truth, policy: action.policy }
    default:
      return truth
  }
}

export function otherNode(node: NodeName): NodeName {
  return node === 'pve1' ? 'pve2' : 'pve1'
}

/** Guests that an action is about: what it does to the others is nothing. */
export function concerned(truth: Truth, action: Action): ReadonlySet<number> {
  if ('vmid' in action) return new Set([action.vmid])
  if (action.kind !== 'kill') return new Set()
  return new Set([...truth.guests].flatMap(([vmid, { node }]) => (node === action.node ? [vmid] : [])))
}

/** A sequence of random numbers from 0 up to 1 that is the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** One of all that can happen: first which kind, so that the many of one kind do not crowd out the others. */
export function choose(truth: Truth, random: () => number): Action {
  const all = possible(truth)
  const kinds = [...new Set(all.map(({ kind }) => kind))]
  const kind = kinds[Math.floor(random() * kinds.length)]
  const some = all.filter(action => action.kind === kind)
  const action = some[Math.floor(random() * some.length)]
  if (!action) throw new Error('nothing can happen any more')
  return action
}
