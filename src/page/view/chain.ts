import type { NicWays } from '../../core/report/guestWays.ts'
import type { NicReport } from '../../core/report/nicRow.ts'
import type { Step } from '../../core/report/step.ts'
import type { Family } from '../../core/values/family.ts'
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
  /** Of DHCP: whose address it leads to. */
  readonly family?: Family
  /** The announced prefix; absent for DHCP. */
  readonly prefix?: string
  readonly links: readonly ChainLink[]
  /** The first link that is not good. */
  readonly end?: Step
  /** What it says of its guest. */
  readonly state: GuestState
}

const DHCP_STEPS = ['configuration', 'offer', 'port', 'server', 'lease'] as const
const ROUTER_STEPS = ['router'] as const
const BGP_STEPS = ['announcement', 'kernel', 'bird', 'peers'] as const
/** Where guestnet announces by somebody else's daemon, which it does not ask. */
const ROUTE_STEPS = ['announcement', 'kernel'] as const

/** What a NIC's chains are judged by, besides what is explained of it. */
export interface ChainContext {
  /** What the report has of the NIC. */
  readonly rows: readonly NicReport[]
  /** guestnet has a BIRD of its own. */
  readonly hasBird: boolean
  /** Prefixes of the guest that routers are asked to drop. */
  readonly blackholes: ReadonlySet<string>
}

/** The chains of a NIC. */
export function chainsOf(
  { steps, announced }: NicWays,
  { rows, hasBird, blackholes }: ChainContext,
): Chain[] {
  const ways = waysIn(steps)
  const hasAsked = ways.some(way => way[0]?.step !== 'router' && way.every(({ state }) => state === 'good'))
  const own = ways.map((way): Chain => {
    const family = way[0]?.family ?? 'ipv4'
    const ofFamily = rows.filter(row => row.family === family)
    if (way[0]?.step === 'router')
      return { by: 'router', ...linksOf(way, ROUTER_STEPS), state: routerState(way) }
    return { by: 'dhcp', family, ...linksOf(way, DHCP_STEPS), state: dhcpState(way, ofFamily, hasAsked) }
  })
  const bgp = announced.map(
    ({ prefix, steps: way }): Chain => ({
      by: 'bgp',
      prefix,
      ...linksOf(way, hasBird ? BGP_STEPS : ROUTE_STEPS),
      state: bgpState(way, blackholes.has(prefix)),
    }),
  )
  return [...own, ...bgp]
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
  const end = endOf(way)
  const reached = way.map((told): ChainLink => ({ step: told.step, mark: told.state, told }))
  const beyond = end ? whole.slice(whole.indexOf(end.step) + 1) : []
  return {
    links: [...reached, ...beyond.map((step): ChainLink => ({ step, mark: 'beyond' }))],
    ...(end && { end }),
  }
}

/** A guest is as its chains are, the worst of them first. */
export function guestStateOf(chains: readonly Pick<Chain, 'state'>[]): GuestState {
  return GUEST_STATES.find(state => chains.some(chain => chain.state === state)) ?? 'left-alone'
}

/** Who has asked for the address of one family only has, most likely, the other by cloud-init: nobody waits for that. */
function dhcpState(way: readonly Step[], rows: readonly NicReport[], hasAsked: boolean): GuestState {
  const end = endOf(way)
  if (end === undefined) return 'good'
  if (end.state === 'broken') return 'broken'
  if (end.step === 'configuration' || rows.some(({ state }) => state === 'left-alone')) return 'left-alone'
  if (rows.some(({ state }) => state === 'stopped')) return 'stopped'
  return end.step === 'lease' && hasAsked ? 'good' : 'waiting'
}

/** A guest that is configured inside need not ask a router, so that is only worth a word where it breaks. */
function routerState(way: readonly Step[]): GuestState {
  return endOf(way)?.state === 'broken' ? 'broken' : 'left-alone'
}

function bgpState(way: readonly Step[], isBlackhole: boolean): GuestState {
  const end = endOf(way)
  if (end === undefined) return 'good'
  if (end.state === 'broken') return 'broken'
  return end.step === 'announcement' && !isBlackhole ? 'left-alone' : 'waiting'
}

function endOf(way: readonly Step[]): Step | undefined {
  return way.find(({ state }) => state !== 'good')
}
