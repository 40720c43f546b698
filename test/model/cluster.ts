import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect } from 'vitest'
import { guestnet } from '../../lab/agent.ts'
import { RawClient, withRawClient } from '../../lab/clients/raw.ts'
import { withRawClient6 } from '../../lab/clients6/raw.ts'
import { type Daemon, daemonPids, killIfThere } from '../../lab/daemons.ts'
import { eventually } from '../../lab/eventually.ts'
import { hearIpEvents } from '../../lab/ipEvents.ts'
import { assertNever } from '../../src/core/values/brand.ts'
import { type AgentReport, ANNOUNCING, Fabric } from '../e2e/fabric.ts'
import {
  type Action,
  after,
  BEGINNING,
  concerned,
  NODES,
  type NodeName,
  otherNode,
  type TrueGuest,
  type Truth,
} from './truth.ts'

/** None takes an address, an announcement or a way from any guest. */
const POLICIES = [
  'guard: {mode: on}\n',
  'guard: {mode: report}\ndhcp: {lease: 2h}\n',
  'dhcp: {lease: 3h}\nguard: {mode: on}\n',
]

/** Problems that a conflict is told by; there are no others, and without a conflict none. */
const OF_CONFLICTS = new Set(['address-duplicate', 'address-contested', 'announcement-duplicate'])

/** A simulated cluster to which things happen, and what is true of it. */
export class ModelCluster {
  readonly fabric: Fabric
  #truth: Truth = BEGINNING
  /** By how many hours each node's clock is ahead. */
  readonly #clocks = new Map<NodeName, number>()
  /** Addresses whose route went away at the router since the last action began. */
  readonly #withdrawn = new Set<string>()

  private constructor(fabric: Fabric) {
    this.fabric = fabric
  }

  get truth(): Truth {
    return this.#truth
  }

  static async create(prefix: string): Promise<ModelCluster> {
    const fabric = await Fabric.create(prefix, { agents: false })
    const cluster = new ModelCluster(fabric)
    try {
      cluster.#writePolicy(BEGINNING.policy)
      for (const [vmid, { node }] of BEGINNING.guests) fabric.write(node, vmid)
      for (const [vmid, { node, runs }] of BEGINNING.guests) if (runs) await fabric.start(node, vmid)
      for (const node of NODES) cluster.#startAgent(node, 0)
      await cluster.agrees()
      await hearIpEvents(fabric.router, 'route', line => {
        const [, address] = /^Deleted (\S+) /.exec(line) ?? []
        if (address !== undefined) cluster.#withdrawn.add(address)
      })
      return cluster
    } catch (error) {
      await fabric.lab.close()
      throw error
    }
  }

  /** Does something to the cluster, waits until everything is true again, and sees that nobody else noticed. */
  async step(action: Action): Promise<void> {
    const touched = concerned(this.#truth, action)
    const bystanders = [...this.#truth.guests].filter(
      ([vmid, { runs, wants }]) => runs && wants === undefined && !touched.has(vmid),
    )
    this.#withdrawn.clear()
    const [witness] = bystanders
    const watched = witness && this.#watch(...witness)
    await this.#perform(action)
    this.#truth = after(this.#truth, action)
    await this.agrees()
    const lost = await watched?.()
    expect(lost ?? 0, `exchanges of guest ${witness?.[0]} that had no answer`).toBe(0)
    const noticed = bystanders.flatMap(([vmid, guest]) =>
      addressesOf(vmid, guest).filter(address => this.#withdrawn.has(address)),
    )
    expect(noticed, 'addresses of others that were withdrawn meanwhile').toEqual([])
  }

  /** Intent, kernel, nftables, Kea, BIRD and what status tells are what is true. */
  async agrees(): Promise<void> {
    await this.#lease()
    await eventually('everything is true', () => this.#isTrue(), {
      timeoutMs: 45_000,
      everyMs: 200,
      dump: () => this.fabric.lab.dump(),
    })
  }

  async #isTrue(): Promise<true> {
    for (const name of NODES) {
      const plan = await guestnet(this.fabric.at(name).node, 'plan')
      if (plan.exitCode !== 0) throw new Error(`${name}: ${plan.stdout}${plan.stderr}`)
      const { stdout } = await guestnet(this.fabric.at(name).node, 'status')
      this.#expectStatus(name, JSON.parse(stdout) as AgentReport)
    }
    for (const [address, node] of this.#ways())
      expect([address, await this.fabric.router.nextHop(address)]).toEqual([
        address,
        node && this.fabric.hop(node),
      ])
    return true
  }

  /** Where the router sends each address that any guest can have; `undefined`: nowhere. */
  #ways(): Map<string, NodeName | undefined> {
    const ways = new Map<string, NodeName | undefined>()
    for (const [vmid, guest] of this.#truth.guests)
      for (const own of [0, 1] as const)
        for (const address of ownAddresses(vmid, own))
          ways.set(
            address,
            guest.runs && guest.own === own && guest.wants === undefined ? guest.node : undefined,
          )
    return ways
  }

  #expectStatus(name: NodeName, { agent, problems, nics, servers, time }: AgentReport): void {
    const hoursOff = (time - Date.now()) / 3_600_000
    expect(Math.abs(hoursOff - (this.#clocks.get(name) ?? 0)), 'hours that the clock is off').toBeLessThan(
      0.1,
    )
    const isContested = [...this.#truth.guests.values()].some(({ wants }) => wants !== undefined)
    expect(agent).toBe(true)
    expect(problems.filter(({ code }) => !isContested || !OF_CONFLICTS.has(code))).toEqual([])
    const told = nics.map(({ vmid, family, state }) => `${vmid} ${family} ${state}`).toSorted()
    const here = [...this.#truth.guests].filter(([, { node }]) => node === name)
    const expected = here.flatMap(([vmid, { runs, wants }]) => {
      const state = wants === undefined ? (runs ? 'served' : 'stopped') : 'refused'
      return ['ipv4', 'ipv6'].map(family => `${vmid} ${family} ${state}`)
    })
    expect(told).toEqual(expected.toSorted())
    expect(servers.every(({ state }) => state === 'answering')).toBe(true)
  }

  /** Guests that run take what their files say, as at the next renewal: until then they keep what they had. */
  async #lease(): Promise<void> {
    for (const [vmid, guest] of this.#truth.guests) {
      if (!guest.runs || guest.wants !== undefined) continue
      const port = this.fabric.at(guest.node).node.guest(vmid).port()
      const duid = Buffer.from([0, 3, 0, 1, ...Buffer.from(port.mac.replaceAll(':', ''), 'hex')])
      const [ipv4, ipv6] = addressesOf(vmid, guest)
      const isGiven = async () =>
        (await withRawClient(port, client => client.exchange({ timeoutMs: 1000 })))?.address === ipv4 &&
        (await withRawClient6(port, client => client.lease({ duid }))) === ipv6
      await eventually(`guest ${vmid} is given ${ipv4} and ${ipv6}`, isGiven, {
        timeoutMs: 45_000,
        everyMs: 100,
        dump: () => this.fabric.lab.dump(),
      })
    }
  }

  /** Has a guest ask again and again, each message once; the function tells how many had no answer, and ends it. */
  #watch(vmid: number, guest: TrueGuest): () => Promise<number> {
    const [ipv4] = addressesOf(vmid, guest)
    let goesOn = true
    let lost = 0
    const talk = async () => {
      const client = await RawClient.open(this.fabric.at(guest.node).node.guest(vmid).port())
      while (goesOn) {
        const lease = await client.exchange({ timeoutMs: 3000, everyMs: 60_000 })
        if (lease?.address !== ipv4) lost += 1
        await pause(100)
      }
      client.close()
    }
    const talked = talk()
    return async () => {
      goesOn = false
      await talked
      return lost
    }
  }

  async #perform(action: Action): Promise<void> {
    switch (action.kind) {
      case 'start':
        return await this.fabric.start(this.#guest(action.vmid).node, action.vmid)
      case 'stop':
        return await this.fabric.at(this.#guest(action.vmid).node).node.stop(action.vmid)
      case 'migrate':
      case 'abort':
        return await this.#migrate(action.vmid, action.kind === 'migrate')
      case 'edit':
        return this.#edit(action.vmid)
      case 'conflict':
        return this.#write(action.vmid, addressesOf(action.wants, this.#guest(action.wants)))
      case 'yield':
        return this.#write(action.vmid, ownAddresses(action.vmid, this.#guest(action.vmid).own))
      case 'crash':
        await this.fabric.endAgent(action.node)
        return this.#startAgent(action.node)
      case 'kill':
        return this.#kill(action.node, action.daemon)
      case 'clock':
        return this.#setClock(action.node, action.hours)
      case 'policy':
        return this.#writePolicy(action.policy)
      case 'lost':
        return await this.#loseTree(action.vmid)
      default:
        return assertNever(action)
    }
  }

  async #migrate(vmid: number, succeeds: boolean): Promise<void> {
    const { node: from } = this.#guest(vmid)
    const to = otherNode(from)
    await this.fabric.start(to, vmid)
    if (succeeds) this.fabric.tree.move(vmid, to)
    await this.fabric.at(succeeds ? from : to).node.stop(vmid)
  }

  #edit(vmid: number): void {
    this.#write(vmid, ownAddresses(vmid, this.#guest(vmid).own === 0 ? 1 : 0))
  }

  #write(vmid: number, [ipv4, ipv6]: readonly [string, string]): void {
    this.fabric.tree.edit(vmid, text =>
      text.replace(/ip=[0-9.]+/, `ip=${ipv4}`).replace(/ip6=[0-9a-f:]+/, `ip6=${ipv6}`),
    )
  }

  #writePolicy(policy: number): void {
    this.fabric.tree.policy(`${ANNOUNCING}${POLICIES[policy]}`)
  }

  async #loseTree(vmid: number): Promise<void> {
    const { root } = this.fabric.tree
    renameSync(root, `${root}-hidden`)
    mkdirSync(root)
    for (const name of NODES) await this.fabric.report(name, ({ complete }) => !complete)
    renameSync(root, `${root}-empty`)
    renameSync(`${root}-hidden`, root)
    rmSync(`${root}-empty`, { recursive: true })
    this.#edit(vmid)
  }

  #kill(name: NodeName, daemon: Daemon): void {
    for (const pid of daemonPids(this.fabric.at(name).node.runDir, daemon)) killIfThere(pid)
  }

  #clockFile(name: NodeName): string {
    return join(this.fabric.lab.folder('clocks'), name)
  }

  /** What every program on a node then takes for the time, from now on (faketime(1)); time itself goes on as it does. */
  #setClock(name: NodeName, hours: number): void {
    this.#clocks.set(name, hours)
    writeFileSync(this.#clockFile(name), `${hours < 0 ? '-' : '+'}${Math.abs(hours)}h\n`)
  }

  #startAgent(name: NodeName, hours?: number): void {
    if (hours !== undefined) this.#setClock(name, hours)
    this.fabric.startAgent(name, [
      `LD_PRELOAD=${faketimeLibrary()}`,
      `FAKETIME_TIMESTAMP_FILE=${this.#clockFile(name)}`,
      'FAKETIME_NO_CACHE=1',
      'FAKETIME_DONT_FAKE_MONOTONIC=1',
      'DONT_FAKE_MONOTONIC=1',
      'NO_FAKE_STAT=1',
    ])
  }

  #guest(vmid: number): TrueGuest {
    const guest = this.#truth.guests.get(vmid)
    if (!guest) throw new Error(`no guest ${vmid}`)
    return guest
  }
}

/** Debian keeps it below the library folder of its architecture. */
function faketimeLibrary(): string {
  const paths = readdirSync('/usr/lib').map(folder =>
    join('/usr/lib', folder, 'faketime', 'libfaketimeMT.so.1'),
  )
  return paths.find(existsSync) ?? 'libfaketimeMT.so.1'
}

/** One of the two pairs of addresses that are a guest's own. */
function ownAddresses(vmid: number, own: 0 | 1): readonly [string, string] {
  const number = vmid + 50 * own
  return [`203.0.113.${number}`, `2001:db8:a::${number}`]
}

function addressesOf(vmid: number, { own }: TrueGuest): readonly [string, string] {
  return ownAddresses(vmid, own)
}
