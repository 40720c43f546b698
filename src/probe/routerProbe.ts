import { randomInt } from 'node:crypto'
import type { SoughtRouter } from '../core/advertising/router.ts'
import { type Ipv6, isLinkLocal } from '../core/values/address.ts'
import { linkLocalOf } from '../core/values/linkLocal.ts'
import type { Mac } from '../core/values/mac.ts'
import { echoIn, echoRequest } from './echoFrame.ts'
import type { Sender } from './icmp6Frame.ts'
import { neighbourIn, neighbourSolicitation, routerIn, routerSolicitation } from './ndpFrame.ts'
import { senderOn } from './sender.ts'
import { type Answer, askOnWires } from './wire.ts'

const ALL_ROUTERS = 'ff02::2' as Ipv6

/** Milliseconds that a router may wait with its advertisement: half a second (RFC 4861, section 10), and the way there. */
const ROUTERS_ANSWER = 900

/** Milliseconds that a neighbour has; hosts answer at once. */
const NEIGHBOURS_ANSWER = 400

/** Addresses of one router that are asked for, at most. */
const MOST_CANDIDATES = 4

/** A machine that has a gateway's address, and which link-local addresses may be its own. */
interface Found {
  readonly mac: Mac
  readonly candidates: readonly Ipv6[]
}

/** Gateways that are looked for on one link of the node. */
export interface Search {
  readonly device: string
  readonly gateways: readonly Ipv6[]
}

/** What was found of a link's gateways. */
export type FoundRouters = ReadonlyMap<Ipv6, SoughtRouter>

/** A search, and what the node asks by on its link. */
interface Underway extends Search {
  readonly own: Sender
  readonly identifier: number
}

/**
 * The link-local addresses of routers whose global addresses guests have as their gateway, asked for on links of the node, on all of
 * them at once; by link:
 *
 * - The hardware address that answers for the gateway, and says that it is a router's, is the router.
 * - Its link-local address is one that it answers all routers' echo from (RFC 4443, section 4.2), or else one made of its
 *   hardware address (RFC 4291, appendix A). Neither is believed: it is asked for, and the same hardware address has to answer, as
 *   a router. A virtual router (RFC 9568) answers by the virtual hardware address, so that its members' own are not taken.
 *
 * A router that advertises itself tells guests better than anybody else could, and is left to do so.
 */
export async function seekRouters(searches: readonly Search[]): Promise<Map<string, FoundRouters>> {
  const underway = searches.flatMap((search): Underway[] => {
    const own = senderOn(search.device)
    return own ? [{ ...search, own, identifier: randomInt(0x1_0000) }] : []
  })
  const asked = await askAll(underway, questionsFor, ROUTERS_ANSWER)
  const found = new Map(
    underway.map(search => [search.device, foundIn(asked.get(search.device), search)] as const),
  )
  const candidatesOn = ({ device, own }: Underway) => {
    const all = [...(found.get(device)?.values() ?? [])]
    const candidates = new Set(all.flatMap(each => ('mac' in each ? each.candidates : [])))
    return [...candidates].map(address => neighbourSolicitation(own, address))
  }
  const confirmed = await askAll(underway, candidatesOn, NEIGHBOURS_ANSWER)
  return new Map(
    searches.map(({ device, gateways }) => [
      device,
      judge(
        found.get(device) ?? all(gateways, `${device} has no hardware address`),
        device,
        confirmed.get(device),
      ),
    ]),
  )
}

function questionsFor({ own, gateways, identifier }: Underway): Buffer[] {
  return [
    routerSolicitation(own),
    echoRequest(own, ALL_ROUTERS, identifier),
    ...gateways.map(gateway => neighbourSolicitation(own, gateway)),
  ]
}

/** Puts each link's questions, where there are any; answers by link. */
async function askAll(
  searches: readonly Underway[],
  questionsOf: (search: Underway) => readonly Buffer[],
  patience: number,
): Promise<Map<string, Answer>> {
  const questions = searches.flatMap(search => {
    const frames = questionsOf(search).map(frame => frame.toString('hex'))
    return frames.length === 0 ? [] : [{ link: search.device, frames }]
  })
  const answers = await askOnWires(questions, patience)
  return new Map(questions.flatMap(({ link }, at) => (answers[at] ? [[link, answers[at]] as const] : [])))
}

function all(gateways: readonly Ipv6[], failure: string): Map<Ipv6, { failure: string }> {
  return new Map(gateways.map(gateway => [gateway, { failure }]))
}

function foundIn(answer: Answer | undefined, search: Underway): Map<Ipv6, Found | { failure: string }> {
  const { gateways } = search
  if (!answer || 'failure' in answer) return all(gateways, answer?.failure ?? 'it was not asked')
  return new Map(gateways.map(gateway => [gateway, findIn(answer.frames, { ...search, gateway })]))
}

/** Who has the gateway, or why nobody is taken for it. */
function findIn(
  frames: readonly string[],
  { gateway, device, identifier }: { gateway: Ipv6; device: string; identifier: number },
): Found | { failure: string } {
  const neighbours = frames.flatMap(frame => neighbourIn(frame, gateway) ?? [])
  const macs = new Set(neighbours.map(({ mac }) => mac))
  const [mac] = macs
  if (mac === undefined) return { failure: `nobody on ${device} says that it has ${gateway}` }
  if (macs.size > 1)
    return { failure: `several on ${device} say that they have ${gateway}: ${[...macs].join(', ')}` }
  if (!neighbours.some(({ isRouter }) => isRouter))
    return { failure: `${mac} on ${device} has ${gateway}, but does not say that it is a router` }
  if (frames.some(frame => routerIn(frame)?.mac === mac))
    return { failure: `it advertises itself on ${device}` }
  const echoed = frames.flatMap(frame => {
    const echo = echoIn(frame, identifier)
    return echo?.mac === mac && isLinkLocal(echo.from) ? [echo.from] : []
  })
  return { mac, candidates: [...new Set([...echoed, linkLocalOf(mac)])].slice(0, MOST_CANDIDATES) }
}

/** Takes each router's first link-local address that it answers for. */
function judge(
  found: ReadonlyMap<Ipv6, Found | { failure: string }>,
  device: string,
  asked: Answer = { frames: [] },
): Map<Ipv6, SoughtRouter> {
  return new Map(
    [...found].map(([gateway, each]): [Ipv6, SoughtRouter] => {
      if ('failure' in each) return [gateway, each]
      if ('failure' in asked) return [gateway, asked]
      const address = each.candidates.find(candidate => isOf(each.mac, candidate, asked.frames))
      const failure = `${each.mac} on ${device}, which has ${gateway}, answers for no link-local address that could be found`
      return [gateway, address ? { address } : { failure }]
    }),
  )
}

/** Whether one, as a router, and nobody else answers for an address. */
function isOf(router: Mac, address: Ipv6, frames: readonly string[]): boolean {
  const answers = frames.flatMap(frame => neighbourIn(frame, address) ?? [])
  return answers.length > 0 && answers.every(({ mac, isRouter }) => mac === router && isRouter)
}
