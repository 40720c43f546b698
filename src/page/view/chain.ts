import type { GuestWays, NicWays } from '../../core/report/guestWays.ts'
import type { NicReport } from '../../core/report/report.ts'
import type { Step } from '../../core/report/step.ts'
import { GUEST_STATES, type GuestState } from './guestState.ts'

/** How a link of a chain is drawn; `beyond`: behind the first that is not good. */
export type LinkMark = Step['state'] | 'beyond'

export interface ChainLink {
  readonly step: Step['step']
  readonly mark: LinkMark
  /** As `explain` says it; absent of what lies beyond. */
  readonly told?: Step
}

/** The way to one address, or to one announcement, link by link. */
export interface Chain {
  /** By what it gets there. */
  readonly by: 'dhcp' | 'router' | 'bgp'
  /** The announced prefix; absent for DHCP. */
  readonly prefix?: string
  readonly links: readonly ChainLink[]
  /** The first link that is not good. */
  readonly end?: Step
}

const DHCP_STEPS = ['configuration', 'offer', 'port', 'server', 'lease'] as const
const BGP_STEPS = ['announcement', 'kernel', 'bird', 'peers'] as const
/** Where guestnet announces by somebody else's daemon, which it does not ask. */
const ROUTE_STEPS = ['announcement', 'kernel'] as const

/** The chains of a NIC. `hasBird`: guestnet has a BIRD of its own. */
export function chainsOf({ steps, announced }: NicWays, hasBird: boolean): Chain[] {
  const whole = hasBird ? BGP_STEPS : ROUTE_STEPS
  return [
    ...waysIn(steps).map(way =>
      way[0]?.step === 'router'
        ? { by: 'router' as const, ...linksOf(way, ['router']) }
        : { by: 'dhcp' as const, ...linksOf(way, DHCP_STEPS) },
    ),
    ...announced.map(({ prefix, steps: way }) => ({ by: 'bgp' as const, prefix, ...linksOf(way, whole) })),
  ]
}

/** Each family's way begins with its configuration; that to a router is one step. */
function waysIn(steps: readonly Step[]): Step[][] {
  const ways: Step[][] = []
  for (const step of steps) {
    const last = ways.at(-1)
    if (last && step.step !== 'configuration' && step.step !== 'router') last.push(step)
    else ways.push([step])
  }
  return ways
}

function linksOf(way: readonly Step[], whole: readonly Step['step'][]): Pick<Chain, 'links' | 'end'> {
  const end = way.find(({ state }) => state !== 'good')
  const reached = way.map((told): ChainLink => ({ step: told.step, mark: told.state, told }))
  const beyond = end ? whole.slice(whole.indexOf(end.step) + 1) : []
  return {
    links: [...reached, ...beyond.map((step): ChainLink => ({ step, mark: 'beyond' }))],
    ...(end && { end }),
  }
}

/** The state of a guest, by what `explain` says of its NICs. `rows`: what the report has of it. */
export function guestStateOf({ nics }: GuestWays, rows: readonly NicReport[]): GuestState {
  const states = nics.flatMap(nic => {
    const own = rows.filter(row => row.nic === nic.nic)
    return chainsOf(nic, true).map(chain => chainState(chain, own))
  })
  return GUEST_STATES.find(state => states.includes(state)) ?? 'left-alone'
}

function chainState({ by, end }: Chain, rows: readonly NicReport[]): GuestState {
  if (end === undefined) return 'good'
  if (end.state === 'broken') return 'broken'
  // A guest that is configured inside need not ask.
  if (by === 'router') return 'good'
  const isWanted = end.step !== 'configuration' && end.step !== 'announcement'
  if (!isWanted || rows.some(({ state }) => state === 'left-alone')) return 'left-alone'
  return by === 'dhcp' && rows.some(({ state }) => state === 'stopped') ? 'stopped' : 'waiting'
}
