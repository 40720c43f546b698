import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { birdPaths } from '../src/bird/paths.ts'
import type { AnnounceIntent, Withheld } from '../src/core/announcing/wanted.ts'
import { type Change, describeChange } from '../src/core/change.ts'
import type { Offer } from '../src/core/dhcp/offer.ts'
import type { ServerId } from '../src/core/dhcp/serverId.ts'
import { slotNames } from '../src/core/dhcp/slot.ts'
import { diff } from '../src/core/diff.ts'
import { describeNic } from '../src/core/guest/names.ts'
import { intend } from '../src/core/intent.ts'
import { describeProblem, type Problem } from '../src/core/problem/problem.ts'
import { report } from '../src/core/report/report.ts'
import { describeNetwork } from '../src/core/values/network.ts'
import { targetOf } from '../src/cycle/cycle.ts'
import { Reader } from '../src/cycle/read.ts'
import { parseLinks } from '../src/iproute2/links.ts'
import { announceObservation, observation } from './builders.ts'

/**
 * Each case is a folder as /etc/pve would be on node pve1 of a cluster, with the links that are there in `links.json`
 * (`ip -j link show`; without it: none), and what `guestnet plan` says of it in `plan.txt`.
 */
export const NODES = join(import.meta.dirname, 'fixtures/nodes')

/** What the host of every case has. */
const HOST = { nameservers: ['127.0.0.53', '198.51.100.53'], search: ['host.example'] }

export interface NodePlan {
  readonly changes: readonly Change[]
  readonly problems: readonly Problem[]
  readonly configs: ReadonlyMap<ServerId, string>
  /** The BIRD of a node that has peers. */
  readonly bird: AnnounceIntent['bird']
  readonly withheld: readonly Withheld[]
}

export function nodeCases(): string[] {
  return readdirSync(NODES).toSorted()
}

/** The cases in which guests are announced, all of them to peers. */
export function announcingCases(): string[] {
  return nodeCases().filter(name => name.startsWith('announce-'))
}

/** What guestnet would do on a node on which it never ran: everything but the programs is the real thing. */
export async function planNode(name: string): Promise<NodePlan> {
  const root = join(NODES, name)
  const settings = {
    name: 'guestnet',
    node: 'pve1',
    pveRoot: root,
    config: join(root, 'guestnet.yaml'),
    runDir: join(root, 'run'),
    stateDir: join(root, 'state'),
    watch: 'poll',
  } as const
  const reading = await new Reader(settings, () => HOST).read()
  const linksFile = join(root, 'links.json')
  const links = parseLinks(existsSync(linksFile) ? readFileSync(linksFile, 'utf8') : '[]')
  const seen = observation({ links, ...(reading.policy.announce && { announcing: UNTOUCHED }) })
  const intent = intend(reading, seen)
  const target = targetOf(intent, reading, birdPaths(settings.runDir))
  const { problems } = report({
    settings,
    policy: reading.policySource,
    complete: reading.complete,
    intent: intent.dhcp,
    observation: seen,
    done: [],
    problems: [...reading.problems, ...intent.problems],
    time: 0,
  })
  const isKnown = reading.policySource !== 'none'
  return {
    changes: isKnown ? diff(target, seen, slot => slotNames(settings.name, slot).link) : [],
    problems,
    configs: target.dhcp.configs,
    bird: intent.announcing?.bird,
    withheld: intent.announcing?.withheld ?? [],
  }
}

/** Nothing was ever announced, and the node is no router yet. */
const UNTOUCHED = announceObservation({ forwarding: { ipv4: false, ipv6: false, advertised: [] } })

/**
 * A plan as people read it: each change, below a Kea's start what it will offer, then each address that is not announced,
 * then each problem. Files are named as in /etc/pve.
 */
export function describePlan(name: string, { changes, withheld, problems }: NodePlan): string {
  const lines = [
    ...changes.flatMap(change => [describeChange(change), ...reservationsOf(change)]),
    ...withheld.map(describeWithheld),
    ...problems.map(problem => `! ${describeProblem(problem)}`),
  ]
  return `${lines.join('\n').replaceAll(join(NODES, name), '/etc/pve')}\n`
}

function describeWithheld({ address, refusal: { code, message, where }, ...nic }: Withheld): string {
  const place = where ? ` (${where.file}${where.line === undefined ? '' : `:${where.line}`})` : ''
  return `- ${describeNic(nic)} ${address} is not announced: ${message}${place} [${code}]`
}

function reservationsOf(change: Change): string[] {
  return change.kind === 'server-start' ? change.offers.map(offer => `  ${describeOffer(offer)}`) : []
}

function describeOffer({ address, gateway, hostname, domain, dns, search, mtu, ...nic }: Offer): string {
  const options = {
    gateway,
    name: [hostname, domain].filter(Boolean).join('.'),
    dns: dns.join(' '),
    search: search.join(' '),
    mtu,
  }
  const told = Object.entries(options).flatMap(([option, value]) => (value ? [`${option} ${value}`] : []))
  return [`${describeNic(nic)} on ${describeNetwork(nic.network)}: ${address}`, ...told].join(', ')
}
