import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { guestnet } from '../../lab/agent.ts'
import { solicitation } from '../../lab/clients/icmp6.ts'
import { eventually } from '../../lab/eventually.ts'
import { PATIENCE } from '../../lab/patience.ts'
import type { Problem, ProblemCode } from '../../src/core/problem/problem.ts'
import { HEALTH_CODES } from '../../src/core/report/health.ts'
import { type AgentReport, ANNOUNCING, Fabric } from './fabric.ts'
import { macOf } from './world.ts'

/** What `status` must never be silent about: who adds a code says here how that part is broken. */
const CODES = [...HEALTH_CODES, 'agent-down', 'agent-silent', 'table-taken'] as const satisfies ProblemCode[]
type HealthCode = (typeof CODES)[number]

interface Breakage {
  readonly how: string
  readonly breaks: () => unknown
  /** What the problem says, and what to do. */
  readonly says: RegExp
  readonly mends: () => unknown
}

let fabric: Fabric

beforeAll(async () => {
  fabric = await Fabric.create('well', { nodes: ['pve1'] })
  fabric.write('pve1', 100)
  await fabric.start('pve1', 100)
  await isWell()
})
afterAll(() => fabric?.lab.close())

const node = () => fabric.at('pve1').node
const policy = (from: string | RegExp, to: string) => fabric.tree.policy(ANNOUNCING.replace(from, to))
const asItWas = () => fabric.tree.policy(ANNOUNCING)

/** What node pve2 says of itself. The agent looks again within a minute, and at once where a guest's file was written. */
function tellClock(time: number): void {
  fabric.tree.writeFile('.rrd', `pve-node-9.0/pve2:500::${time}:0.1\n`)
  fabric.tree.edit(100, text => text)
}

async function endAgent(): Promise<void> {
  await fabric.endAgent('pve1', 'SIGTERM')
}
const startAgent = () => fabric.startAgent('pve1')

function daemons(): Promise<{ kea: number; bird: number; advertiser: number }> {
  return eventually('Kea, BIRD and the advertiser are there', async () => {
    const { servers, announcing, advertising } = await status()
    const [kea, bird, advertiser] = [servers[0]?.pid, announcing?.bird?.pid, advertising?.advertiser.pid]
    const areThere = kea !== undefined && bird !== undefined && advertiser !== undefined
    return areThere && { kea, bird, advertiser }
  })
}

/** Kills or stops a daemon that nobody replaces. */
async function strike(which: 'kea' | 'bird' | 'advertiser', signal: NodeJS.Signals): Promise<void> {
  const pids = await daemons()
  await endAgent()
  process.kill(pids[which], signal)
}

async function status(): Promise<AgentReport> {
  return JSON.parse((await guestnet(node(), 'status')).stdout) as AgentReport
}

async function isWell(): Promise<void> {
  await fabric.report('pve1', ({ problems, nics, announcing }) => {
    const peers = announcing?.peers ?? []
    const isServed = nics.length > 0 && nics.every(({ state }) => state === 'served')
    return problems.length === 0 && isServed && peers.length > 0 && peers.every(({ isUp }) => isUp)
  })
}

const BREAKAGES: Record<HealthCode, readonly Breakage[]> = {
  'kea-down': [
    {
      how: 'Kea dies while the agent is stopped',
      breaks: () => strike('kea', 'SIGKILL'),
      says: /dhcp4-1, a Kea, is not there: 1 guest port .* The agent replaces it/,
      mends: startAgent,
    },
    {
      how: 'Kea hangs while the agent is stopped',
      breaks: () => strike('kea', 'SIGSTOP'),
      says: /is there \(process \d+\) but does not answer/,
      mends: startAgent,
    },
  ],
  'advertiser-down': [
    {
      how: 'the advertiser dies while the agent is stopped',
      breaks: () => strike('advertiser', 'SIGKILL'),
      says: /The advertiser is not there: 1 guest port gets no answer/,
      mends: startAgent,
    },
    {
      how: 'the advertiser hangs while the agent is stopped',
      breaks: () => strike('advertiser', 'SIGSTOP'),
      says: /The advertiser is there \(process \d+\) but does not answer/,
      mends: startAgent,
    },
  ],
  'router-unknown': [
    {
      how: 'a guest asks for a router that nobody can tell it of',
      breaks: async () => {
        fabric.tree.edit(100, text => text.replace('gw6=fe80::1', 'gw6=2001:db8:a::1'))
        await fabric.report('pve1', ({ advertising }) => advertising?.nics[0]?.unknownRouter !== undefined)
        const tap = await fabric.lab.wire().open(node().guest(100).netns, 'eth0')
        tap.send(solicitation(macOf(100), 'fe80::64'))
        tap.close()
      },
      says: /VM 100 net0 has asked .* cannot be told of 2001:db8:a::1,.*Write the router's link-local address as gw6/,
      mends: () => fabric.tree.edit(100, text => text.replace('gw6=2001:db8:a::1', 'gw6=fe80::1')),
    },
  ],
  'bird-down': [
    {
      how: 'BIRD dies while the agent is stopped',
      breaks: () => strike('bird', 'SIGKILL'),
      says: /BIRD is not running: 2 prefixes/,
      mends: startAgent,
    },
    {
      how: 'BIRD hangs while the agent is stopped',
      breaks: () => strike('bird', 'SIGSTOP'),
      says: /BIRD is there \(process \d+\) but does not answer/,
      mends: startAgent,
    },
  ],
  'peer-down': [
    {
      how: 'the router has another AS than the policy says',
      breaks: () => policy('as: 65000', 'as: 65001'),
      says: /rtr01 is not up: wrong AS: .*\(65001\)\. Correct the peer's `as`/,
      mends: asItWas,
    },
    {
      how: 'the router expects another AS of the node',
      breaks: () => policy('as: 4220000001', 'as: 4220000002'),
      says: /wrong AS: .* expects another AS number of this node.*`bgp.as`/,
      mends: asItWas,
    },
    {
      how: 'the password is wrong',
      breaks: () => policy('bfd: true', 'password: "secret"'),
      says: /does not answer, which a wrong password looks like.*`password`/,
      mends: asItWas,
    },
    {
      how: 'nothing listens',
      // A router that calls would be let in whatever port is called.
      breaks: async () => {
        await fabric.router.birdc('disable', 'node1')
        policy('bfd: true', 'port: 1797')
      },
      says: /nothing listens: 2001:db8:ffff::1 port 1797 refuses/,
      mends: async () => {
        asItWas()
        await fabric.router.birdc('enable', 'node1')
      },
    },
    {
      how: 'the router is switched off on purpose',
      breaks: () => fabric.router.birdc('disable', 'node1'),
      says: /nothing listens|on purpose/,
      mends: () => fabric.router.birdc('enable', 'node1'),
    },
    {
      how: 'BFD finds the way broken',
      breaks: () => node().ip(['link set up0 mtu 1500', 'link set up0 down']),
      says: /BFD tells|the link .* is down|no way leads|is on none/,
      mends: () => node().ip(['link set up0 up', 'addr replace 2001:db8:ffff::11/64 dev up0 nodad']),
    },
    {
      how: 'the peer is on a link that is not there',
      breaks: () => policy(/address: "[^"]*"/, 'interface: nolink0'),
      says: /this node has no link nolink0/,
      mends: asItWas,
    },
  ],
  'peer-missing': [
    {
      how: 'the peers are all for other nodes',
      breaks: () => policy('bfd: true', 'bfd: true, nodes: [pve8, pve9]'),
      says: /no peer for node pve1, so 2 prefixes of its guests are told to nobody: its peers are for pve8, pve9/,
      mends: asItWas,
    },
  ],
  'forwarding-off': [
    {
      how: 'somebody switches IPv4 forwarding off',
      breaks: () => node().run('sysctl', ['-qw', 'net.ipv4.ip_forward=0']),
      says: /does not forward IPv4 \(net.ipv4.ip_forward is 0\).*sysctl -w net.ipv4.ip_forward=1/,
      mends: () => node().run('sysctl', ['-qw', 'net.ipv4.ip_forward=1']),
    },
  ],
  'bridge-unknown': [
    {
      how: 'an announced bridge is misspelt',
      breaks: () => policy('  networks:', '  networks:\n    - {bridge: vmbr00, prefixes: [203.0.113.0/24]}'),
      says: /yaml:5: .*vmbr00 \(`announce\.networks`\).*Did you mean `vmbr0`\?/,
      mends: asItWas,
    },
    {
      how: 'an excluded bridge is misspelt',
      breaks: () => policy('announce:', 'dhcp:\n  exclude: [{bridge: vmbr77}]\nannounce:'),
      says: /yaml:2: .*vmbr77 \(`dhcp\.exclude`\)/,
      mends: asItWas,
    },
  ],
  'clock-ahead': [
    {
      how: 'another node’s clock is ahead',
      breaks: () => tellClock(Math.floor(Date.now() / 1000) + 600),
      says: /The clock of node pve2 is more than 3 s ahead/,
      mends: () => tellClock(Math.floor(Date.now() / 1000) - 5),
    },
  ],
  'agent-down': [
    {
      how: 'the agent is stopped',
      breaks: endAgent,
      says: /No agent runs on this node: what is served and announced goes on/,
      mends: startAgent,
    },
    {
      how: 'the agent is stopped and something is missing',
      breaks: async () => {
        await endAgent()
        await node().run('ip', ['rule', 'del', 'pref', '5101'])
      },
      says: /No agent runs on this node: 1 change .* is open \(guestnet plan\)/,
      mends: startAgent,
    },
  ],
  'agent-silent': [
    {
      how: 'the agent hangs',
      breaks: () => fabric.at('pve1').agent?.signal('SIGSTOP'),
      says: /runs, but does not answer/,
      mends: () => fabric.at('pve1').agent?.signal('SIGCONT'),
    },
  ],
  'table-taken': [
    {
      how: 'somebody else’s BIRD has the table',
      breaks: async () => {
        fabric.tree.policy('dhcp: {}\n')
        await fabric.report('pve1', ({ announcing }) => announcing === undefined)
        await node().run('ip', 'route add 198.51.100.7/32 dev up0 table 100 proto bird'.split(' '))
        asItWas()
      },
      says: /Nothing is announced, because routing table 100 already holds/,
      mends: () => node().run('ip', 'route del 198.51.100.7/32 table 100'.split(' ')),
    },
  ],
}

describe.each(CODES)('%s', code => {
  test.each(BREAKAGES[code].map(breakage => [breakage.how, breakage] as const))(
    '%s: status says so, with exit status 1, and no more once it is mended',
    async (_, { breaks, says, mends }) => {
      await breaks()
      try {
        await eventually(
          `status tells ${code}`,
          async () => {
            const { exitCode, stdout } = await guestnet(node(), 'status')
            const { problems } = JSON.parse(stdout) as { problems: Problem[] }
            const own = problems.filter(problem => problem.code === code)
            const isTold = own.some(problem =>
              says.test(`${problem.file}:${problem.line}: ${problem.message} ${problem.remedy}`),
            )
            return (
              (isTold && exitCode === 1) ||
              Promise.reject(new Error(`${exitCode} ${JSON.stringify(problems)}`))
            )
          },
          { timeoutMs: 30_000, dump: () => fabric.lab.dump() },
        )
      } finally {
        await mends()
      }
      await isWell()
    },
  )
})

test('no command waits long for an agent that hangs', async () => {
  const { agent } = fabric.at('pve1')
  agent?.signal('SIGSTOP')
  try {
    const began = performance.now()
    const { stdout } = await guestnet(node(), 'status')
    const { agent: answers, nics } = JSON.parse(stdout) as { agent: boolean; nics: { state: string }[] }
    expect(answers).toBe(false)
    // One for each address family.
    expect(nics.map(({ state }) => state)).toEqual(['served', 'served'])
    expect(performance.now() - began).toBeLessThan(15_000 * PATIENCE)
  } finally {
    agent?.signal('SIGCONT')
  }
  await isWell()
})

test('a session that goes down and comes up again is told as events', async () => {
  await fabric.router.birdc('disable', 'node1')
  await fabric.report('pve1', ({ announcing }) => announcing?.peers.every(({ isUp }) => !isUp) === true)
  await fabric.router.birdc('enable', 'node1')
  await isWell()
  await eventually('both are told', async () => {
    const { stdout } = await guestnet(node(), 'events')
    const lines = stdout.split('\n').map(line => JSON.parse(line) as { kind: string; message: string })
    const peer = lines.filter(({ kind }) => kind === 'peer').map(({ message }) => message)
    return /is down/.test(peer.at(-2) ?? '') && /is up/.test(peer.at(-1) ?? '')
  })
})
