import { readFileSync, rmdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Guest } from '../src/core/guest/guest.ts'
import { MARKS } from '../src/iproute2/markClaim.ts'
import { type BridgeOptions, Cabling } from './cabling.ts'
import { readGuest } from './config.ts'
import { LabGuest } from './guest.ts'
import { startInit } from './init.ts'
import { addNamespaces, deleteNamespaces, endProcessesIn, Namespace, readdirOrNothing } from './namespace.ts'
import { run } from './process.ts'
import { settle } from './settle.ts'
import type { Site } from './site.ts'
import type { Tree } from './tree.ts'
import { monotonicMs } from './wire.ts'
import { guestLinkOf, type Wiring, wireNic } from './wiring.ts'

/**
 * A simulated Proxmox VE node: a network namespace and a mount namespace that one idle process keeps. The mount
 * namespace gives it its own /sys, /run/netns, /etc/pve and /etc/resolv.conf: what an agent adds with `ip netns add` exists on this
 * node only and is gone with it. (`ip netns exec` would give each command another mount namespace, so that one
 * command could not see the namespaces of another.)
 */
export class LabNode extends Namespace {
  /** Its name in the cluster: `pve1`. */
  readonly name: string
  readonly tree: Tree
  /** For the agent's `--name`: unique on this machine, at most ten characters. */
  readonly agentName: string
  readonly runDir: string
  readonly stateDir: string
  readonly cabling = new Cabling(this)
  /** The running guests, by number. */
  readonly guests = new Map<number, LabGuest>()

  private constructor(lab: Site, tree: Tree, name: string, netns: string, init: number, agentName: string) {
    super(lab, netns, ['nsenter', `--net=/proc/${init}/ns/net`, `--mount=/proc/${init}/ns/mnt`, '--'])
    this.name = name
    this.tree = tree
    this.agentName = agentName
    this.runDir = lab.folder('nodes', name, 'run')
    this.stateDir = lab.folder('nodes', name, 'state')
  }

  static async create(lab: Site, tree: Tree, name: string, agentName: string): Promise<LabNode> {
    const netns = `${lab.id}-${name}`
    lab.own(`namespace ${netns}`, () => deleteNamespaces([netns]))
    await addNamespaces([netns])
    const number = statSync(`/run/netns/${netns}`).ino
    lab.own(`marks in ${netns}`, () => removeMarks(number))
    const init = await startInit(lab, netns, lab.folder('nodes', name), tree.root)
    const node = new LabNode(lab, tree, name, netns, init, agentName)
    lab.own(`what runs on ${netns}`, async () => {
      endAdvertiser(node.runDir)
      await endDaemons(`/proc/${init}/root/run/netns`)
    })
    await node.ip(['link set lo up'])
    return node
  }

  addBridge(name: string, options: BridgeOptions = {}): Promise<void> {
    return this.cabling.addBridge(name, options)
  }

  /** A running guest. */
  guest(vmid: number): LabGuest {
    const guest = this.guests.get(vmid)
    if (guest === undefined) throw new Error(`guest ${vmid} is not running on ${this.name}`)
    return guest
  }

  /** A guest's configuration as it is now. */
  configOf(vmid: number): Guest {
    return readGuest(this.tree, vmid)
  }

  /** Starts a guest as its configuration says; when this returns, its port carries frames. */
  async start(vmid: number): Promise<LabGuest> {
    await this.startAll([vmid])
    return this.guest(vmid)
  }

  /** Starts many guests with a constant number of processes, but for a short one each NIC. */
  startAll(vmids: readonly number[]): Promise<void> {
    return this.lab.step(() => this.#startAll(vmids))
  }

  async stop(vmid: number): Promise<void> {
    await this.stopAll([vmid])
  }

  async stopAll(vmids: readonly number[]): Promise<void> {
    const guests = vmids.map(vmid => this.guest(vmid))
    await this.cabling.unwire(await this.#wirings(guests.flatMap(sockets)))
    await deleteNamespaces(guests.map(({ netns }) => netns))
    for (const vmid of vmids) this.guests.delete(vmid)
  }

  /** Wires one NIC of a running guest, as its configuration says now. */
  async hotplug(vmid: number, index: number): Promise<void> {
    const guest = new LabGuest(this.lab, this.guest(vmid).netns, this.configOf(vmid))
    this.guests.set(vmid, guest)
    await this.#plug([{ guest, index }])
  }

  /** Takes one NIC from a running guest, as it was wired. */
  async unplug(vmid: number, index: number): Promise<void> {
    await this.cabling.unwire(await this.#wirings([{ guest: this.guest(vmid), index }]))
  }

  async #startAll(vmids: readonly number[]): Promise<void> {
    const guests = vmids.map(vmid => new LabGuest(this.lab, `${this.netns}-${vmid}`, this.configOf(vmid)))
    const names = guests.map(({ netns }) => netns)
    this.lab.own(`guests ${vmids.join(' ')}`, () => deleteNamespaces(names))
    await addNamespaces(names)
    for (const guest of guests) this.guests.set(guest.config.vmid, guest)
    await this.#plug(guests.flatMap(sockets))
  }

  async #plug(nics: readonly Socket[]): Promise<void> {
    const wirings = await this.#wirings(nics)
    await this.cabling.wire(wirings)
    for (const { guest } of nics) guest.wiredAt = monotonicMs()
    // A line of `ip -batch` cannot choose its namespace, and a veth refuses to come up before it is in its own.
    const lines = nics
      .filter(({ guest, index }) => guest.nic(index).bridge !== undefined)
      .map(({ guest, index }) => `${guest.netns} link set ${guestLinkOf({ index })} up`)
    if (lines.length > 0) await run(['xargs', '-L', '1', '-P', '4', 'ip', '-n'], { input: lines.join('\n') })
    await settle(
      this,
      wirings.flatMap(({ withoutIpv6 }) => withoutIpv6),
    )
  }

  async #wirings(nics: readonly Socket[]): Promise<Wiring[]> {
    const wirings: Wiring[] = []
    for (const { guest, index } of nics) {
      const nic = guest.nic(index)
      const bridge = await this.cabling.bridgeFor(nic)
      if (bridge) wirings.push(wireNic({ guest: guest.config, nic, bridge, namespace: guest.netns }))
    }
    return wirings
  }
}

/** One NIC of a guest. */
interface Socket {
  readonly guest: LabGuest
  readonly index: number
}

function sockets(guest: LabGuest): Socket[] {
  return guest.config.nics.map(({ index }) => ({ guest, index }))
}

/** What agents wrote down of their marks in a network namespace, which go with it. */
function removeMarks(namespace: number): void {
  const own = readdirOrNothing(MARKS).filter(file => file.startsWith(`${namespace}.`))
  for (const file of own) rmSync(join(MARKS, file), { force: true })
  try {
    rmdirSync(MARKS)
  } catch {
    // It is not there, or others have marks, too.
  }
}

/** The namespace it lives in has no name, and it keeps the node's mounts, and with them the node. */
function endAdvertiser(runDir: string): void {
  try {
    process.kill(Number(readFileSync(join(runDir, 'advertiser', 'pid'), 'utf8')), 'SIGKILL')
  } catch {
    // There is none.
  }
}

/** Ends what agents left running in namespaces of their own: their daemons outlive them by design. */
async function endDaemons(ownNamespaces: string): Promise<void> {
  await endProcessesIn(readdirOrNothing(ownNamespaces).map(name => join(ownNamespaces, name)))
}
