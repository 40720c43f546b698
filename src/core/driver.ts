import type { Change } from './change.ts'
import type { Observation } from './observation.ts'
import type { Target } from './target.ts'
import type { Result } from './values/result.ts'

/** Which driver a kind of change belongs to; a kind that is forgotten does not compile. */
export const DRIVER_OF = {
  'holder-record': 'holders',
  'holder-forget': 'holders',
  'slot-create': 'slots',
  'slot-remove': 'slots',
  'slot-name': 'slots',
  'server-start': 'keas',
  'server-prepare': 'preparations',
  'spare-start': 'spares',
  'table-create': 'ports',
  'slot-open': 'ports',
  'server-switch': 'ports',
  'port-serve': 'ports',
  'port-release': 'ports',
  'element-remove': 'ports',
  'switch-remove': 'ports',
  'solicitations-open': 'solicitations',
  'solicitations-close': 'solicitations',
  'server-retire': 'retirements',
  'guard-create': 'guard',
  'guard-mode': 'guard',
  'guard-network': 'guard',
  'guard-link-locals': 'guard',
  'guard-port': 'guard',
  'guard-release': 'guard',
  'guard-network-remove': 'guard',
  'guard-remove': 'guard',
  'advertiser-start': 'advertiser',
  'advertiser-tell': 'advertiser',
  'advertiser-stop': 'advertiser',
  'sysctl-set': 'forwarding',
  'route-set': 'routing',
  'route-remove': 'routing',
  'neighbour-set': 'routing',
  'neighbour-remove': 'routing',
  'proxy-set': 'routing',
  'proxy-remove': 'routing',
  'rule-add': 'routing',
  'rule-remove': 'routing',
  'gateway-set': 'routing',
  'gateway-remove': 'routing',
  'bird-start': 'bird',
  'bird-configure': 'bird',
  'bird-stop': 'bird',
  announce: 'bird',
  'standby-set': 'bird',
  'standby-remove': 'bird',
  withdraw: 'bird',
} as const satisfies Record<Change['kind'], string>

export type DriverName = (typeof DRIVER_OF)[Change['kind']]

/** The kinds of change that belong to a driver. */
type KindOf<Name extends DriverName> = {
  [Kind in Change['kind']]: (typeof DRIVER_OF)[Kind] extends Name ? Kind : never
}[Change['kind']]

/** The changes that belong to a driver. */
export type ChangeOf<Name extends DriverName> = Extract<Change, { kind: KindOf<Name> }>

/** What changes were made from. */
export interface ApplyContext {
  readonly target: Target
  readonly before: Observation
}

/** Why changes did not come about; those that did are not in it. */
export type Failures = ReadonlyMap<Change, string>

/** A part of the node that guestnet observes and changes. */
export interface Driver<Name extends DriverName, Seen, Asked = void> {
  /** What is there now. Throws when a program that tells does not work. */
  observe(asked: Asked): Promise<Seen>
  /** Carries changes out, in their order. One that fails stops no other that does not need it. Never throws. */
  apply(changes: readonly ChangeOf<Name>[], context: ApplyContext): Promise<Failures>
}

/** Every driver by its name. */
export type DriverSet = { readonly [Name in DriverName]: Driver<Name, unknown, never> }

/**
 * Which drivers have to be done before one begins. What is announced does not wait for a Kea to start, nor the other way round. A
 * port is guarded before DHCP answers there: nothing that a guest sends with its address passes unguarded. What is done in the
 * background has only begun when its driver is done: what guests wait for at once, what is to stand by when all else is done.
 */
export const AFTER: Readonly<Record<DriverName, readonly DriverName[]>> = {
  holders: [],
  slots: [],
  keas: ['slots'],
  guard: [],
  advertiser: [],
  ports: ['keas', 'guard'],
  solicitations: ['ports', 'advertiser'],
  preparations: [],
  retirements: ['ports'],
  spares: ['ports'],
  forwarding: [],
  routing: ['forwarding'],
  bird: [],
}

/** Carries out changes one after the other; one that fails stops no other. */
export async function applyEach<One extends Change>(
  changes: readonly One[],
  apply: (change: One) => Result | Promise<Result>,
): Promise<Map<One, string>> {
  const failures = new Map<One, string>()
  for (const change of changes) {
    const result = await apply(change)
    if (!result.ok) failures.set(change, result.reason)
  }
  return failures
}
