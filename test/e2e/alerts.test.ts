import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { guestnet } from '../../lab/agent.ts'
import { floodsOf } from '../../lab/clients/floods.ts'
import { type Daemon, daemonPids, killIfThere } from '../../lab/daemons.ts'
import { eventually } from '../../lab/eventually.ts'
import { flood } from '../../lab/flood.ts'
import { Prometheus } from '../../lab/prometheus.ts'
import { substitute } from '../../lab/substitute.ts'
import { ask } from '../../src/agent/socket.ts'
import { ANNOUNCING, Fabric } from './fabric.ts'

/** A real Prometheus, with the rules of contrib, scrapes a real agent, whose node is broken one part after the other. */

const RULES = readFileSync('contrib/prometheus/guestnet.rules.yml', 'utf8')

/**
 * But that alerts fire at once, and by what happened within seconds rather than minutes: how long they wait is shown by
 * promtool (metrics.test.ts).
 */
const AT_ONCE = RULES.replaceAll(/^ {8}for: .*\n/gm, '')
  .replaceAll(/\[\d+m\]/g, '[20s]')
  .replace('> 180', '> 10')

let fabric: Fabric
let prometheus: Prometheus
const node = () => fabric.at('pve1').node

beforeAll(async () => {
  fabric = await Fabric.create('alert', { nodes: ['pve1'] })
  fabric.write('pve1', 100)
  await fabric.start('pve1', 100)
  await fabric.report('pve1', isWell)
  prometheus = await Prometheus.start(node(), AT_ONCE)
})
afterAll(() => fabric?.lab.close())

const isWell: Parameters<Fabric['report']>[1] = ({ problems, announcing, nics }) =>
  problems.length === 0 && announcing?.peers[0]?.isUp === true && nics[0]?.state === 'served'

/** Waits until alerts fire as they should; the agent is asked to look each time, so that none is stuck that is well. */
async function alerts(what: string, isRight: (names: readonly string[]) => boolean): Promise<void> {
  await eventually(
    what,
    async () => {
      await ask(node(), 'POST', '/converge').catch(() => undefined)
      const names = await prometheus.firing()
      return isRight(names) || Promise.reject(new Error(names.join(' ')))
    },
    { timeoutMs: 45_000, everyMs: 500, dump: () => fabric.lab.dump() },
  )
}

const quiet = () => alerts('no alert fires', names => names.length === 0)

/** Parts that break together, each with what its alerts are and how it is mended. */
interface Breakage {
  readonly what: string
  readonly alerts: readonly string[]
  /** Returns what mends it. */
  readonly breaks: () => Promise<() => Promise<unknown> | unknown>
}

const REFUSES =
  'if [ "$1" = -f ]; then input=$(cat); case $input in *tap101i0*) echo "not today" >&2; exit 1;; esac; printf "%s\\n" "$input" | exec "$real" "$@"; fi; exec "$real" "$@"'

const policy = (text: string) => fabric.tree.policy(text)
/** Ends all daemons of guestnet's of one kind, a Kea that waits as a spare too, and lets none be started. */
async function endDaemons(daemon: Daemon): Promise<() => Promise<void>> {
  const mend = await substitute(node(), daemon, 'exit 1')
  for (const pid of daemonPids(node().runDir, daemon)) killIfThere(pid)
  return mend
}
/** Puts a script in place of nft, also for the agent that keeps one running: that one ends, and no other can be kept. */
async function substituteNft(script: string): Promise<() => Promise<void>> {
  const mend = await substitute(node(), 'nft', `case "$*" in *-i*) exit 1;; esac; ${script}`)
  const agent = String(fabric.at('pve1').agent?.pid)
  // There is none if it has not changed anything yet.
  await node().attempt('pkill', ['-KILL', '-P', agent, '-f', 'nft -j -i'])
  return mend
}

const BREAKAGES: readonly Breakage[] = [
  {
    what: 'the policy, a BGP session and a line of a configuration',
    alerts: ['GuestnetPolicyStale', 'GuestnetProblem', 'GuestnetPeerDown', 'GuestnetWarning'],
    breaks: async () => {
      policy(`${ANNOUNCING}\nnonsense: 1\n`)
      await fabric.router.birdc('disable', 'node1')
      fabric.write('pve1', 102, 'nonsense: 1\n')
      return async () => {
        policy(ANNOUNCING)
        await fabric.router.birdc('enable', 'node1')
        fabric.tree.remove(102)
      }
    },
  },
  {
    what: 'a port that the kernel refuses, a guest that floods, a node that was drained and forgotten',
    alerts: ['GuestnetNotServed', 'GuestnetChangesFail', 'GuestnetDhcpFlood', 'GuestnetStillDrained'],
    breaks: async () => {
      const mend = await substituteNft(REFUSES)
      fabric.write('pve1', 101)
      await fabric.start('pve1', 101)
      const port = node().guest(100).port()
      await flood(port, floodsOf(port, '203.0.113.100', '172.31.1.1').discover ?? [], 300)
      await guestnet(node(), 'drain')
      return async () => {
        await mend()
        await guestnet(node(), 'undrain')
      }
    },
  },
  {
    what: 'Kea, BIRD, and the cluster’s filesystem',
    alerts: ['GuestnetKeaDown', 'GuestnetBirdDown', 'GuestnetClusterUnreadable'],
    breaks: async () => {
      const mends = [await endDaemons('kea-dhcp4'), await endDaemons('bird')]
      await node().run('rm', ['/etc/pve'])
      return async () => {
        for (const mend of mends) await mend()
        await node().run('ln', ['-s', fabric.tree.root, '/etc/pve'])
      }
    },
  },
  {
    what: 'a node that is slow',
    alerts: ['GuestnetSlow'],
    breaks: async () => {
      const mend = await substituteNft('if [ "$1" = -f ]; then sleep 6; fi; exec "$real" "$@"')
      await node().stop(101)
      return mend
    },
  },
  {
    what: 'what the agent cannot do without',
    alerts: ['GuestnetStuck'],
    breaks: async () => {
      const mend = await substituteNft('exit 1')
      await fabric.start('pve1', 101)
      return mend
    },
  },
  {
    what: 'the agent',
    alerts: ['GuestnetDown'],
    breaks: async () => {
      await fabric.endAgent('pve1')
      return () => fabric.startAgent('pve1')
    },
  },
]

describe('a part that breaks', () => {
  test.each(BREAKAGES)(
    '$what: its alerts fire until it is mended',
    async ({ alerts: wanted, breaks }) => {
      await quiet()
      const mend = await breaks()
      try {
        await alerts(`${wanted.join(' and ')} fire`, names => wanted.every(alert => names.includes(alert)))
      } finally {
        await mend()
      }
      await quiet()
      await fabric.report('pve1', isWell)
    },
    180_000,
  )

  test('is every part that there is an alert for', () => {
    const there = [...RULES.matchAll(/alert: (\w+)/g)].map(([, name]) => name)
    expect(new Set(BREAKAGES.flatMap(breakage => breakage.alerts))).toEqual(new Set(there))
  })
})
