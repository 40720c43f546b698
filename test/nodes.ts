import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Change, describeChange } from '../src/core/change.ts'
import { diff } from '../src/core/dhcp/diff.ts'
import { intend } from '../src/core/dhcp/intent.ts'
import { describeNic, type Offer } from '../src/core/dhcp/offer.ts'
import type { ServerNumber } from '../src/core/dhcp/servers.ts'
import { slotNames } from '../src/core/dhcp/slot.ts'
import { describeProblem, type Problem } from '../src/core/problem/problem.ts'
import { describeNetwork } from '../src/core/values/network.ts'
import { Reader } from '../src/cycle/read.ts'
import { parseLinks } from '../src/iproute2/links.ts'
import { renderConfig } from '../src/kea/config.ts'
import { observation } from './builders.ts'

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
  readonly configs: ReadonlyMap<ServerNumber, string>
}

export function nodeCases(): string[] {
  return readdirSync(NODES).toSorted()
}

/** What guestnet would do on a node on which it never ran: everything but the programs is the real thing. */
export async function planNode(name: string, hooksFolder = '/hooks'): Promise<NodePlan> {
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
  const { input, policy, policySource, problems } = await new Reader(settings, () => HOST).read()
  const linksFile = join(root, 'links.json')
  const links = parseLinks(existsSync(linksFile) ? readFileSync(linksFile, 'utf8') : '[]')
  const seen = observation({ links })
  const intent = intend(input, seen)
  const configs = new Map(
    [...intent.servers].map(([server, offers]) => [
      server,
      renderConfig(server, offers, policy.dhcp, hooksFolder),
    ]),
  )
  const isKnown = policySource !== 'none'
  return {
    changes: isKnown ? diff({ ...intent, configs }, seen, slot => slotNames(settings.name, slot).link) : [],
    problems: [...problems, ...intent.problems],
    configs,
  }
}

/**
 * A plan as people read it: each change, below a Kea's start what it will offer, then each problem. Files are named as
 * in /etc/pve.
 */
export function describePlan(name: string, { changes, problems }: NodePlan): string {
  const lines = [
    ...changes.flatMap(change => [describeChange(change), ...reservationsOf(change)]),
    ...problems.map(problem => `! ${describeProblem(problem)}`),
  ]
  return `${lines.join('\n').replaceAll(join(NODES, name), '/etc/pve')}\n`
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
