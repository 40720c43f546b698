import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { IntentInput } from '../core/dhcp/intent.ts'
import type { Resolver } from '../core/dhcp/offers.ts'
import type { Vmid } from '../core/guest/guest.ts'
import { type GuestNotes, NO_NOTES } from '../core/guest/notes.ts'
import type { Settings } from '../core/node/settings.ts'
import { isServed } from '../core/policy/dhcp.ts'
import { DEFAULT_POLICY, type Policy } from '../core/policy/policy.ts'
import type { Problem } from '../core/problem/problem.ts'
import { isContested } from '../core/ruling/contest.ts'
import {
  FastAnnouncerFolder,
  type FastAnnouncerReading,
  folderMark,
} from '../predecessors/fastAnnouncer/folder.ts'
import { withFurther } from '../predecessors/withFurther.ts'
import { RESOLV_CONF, readResolver } from '../pve/resolver.ts'
import { ClusterTree } from '../pve/tree/cluster.ts'
import { stampOf } from '../pve/tree/configFiles.ts'
import { type Drained, readDrained } from './drained.ts'
import { PolicyFile, type PolicyReading } from './policyFile.ts'

/** Everything that was read, ready for `intend`. */
export interface Reading {
  readonly input: IntentInput
  readonly notesOf: (vmid: Vmid) => GuestNotes
  /** What fast-announcer's files say; `guests` of `input` have it, too. */
  readonly fastAnnouncer: FastAnnouncerReading
  /** Whether the node is being emptied: `leaving` asks peers to prefer other paths, `left` announces nothing. */
  readonly drained: Drained
  readonly policy: Policy
  readonly policySource: PolicyReading['source']
  readonly problems: readonly Problem[]
  /** Something could not be read just now: worth another look soon. */
  readonly provisional: boolean
}

/** Reads the cluster, the policy and the host's resolver; remembers what it needs to tell a blink from a change. */
export class Reader {
  readonly #tree: ClusterTree
  readonly #settings: Settings
  readonly #policyFile: PolicyFile
  readonly #fastAnnouncer = new FastAnnouncerFolder()
  #lastResolver: Resolver | undefined
  readonly #resolver: () => Resolver

  /** `resolver` reads the host's own resolver settings. */
  constructor(settings: Settings, resolver: () => Resolver = readResolver) {
    this.#settings = settings
    this.#resolver = resolver
    this.#tree = new ClusterTree(settings.pveRoot, settings.node)
    this.#policyFile = new PolicyFile(settings)
  }

  async read(): Promise<Reading> {
    const { node, pveRoot } = this.#settings
    const isThere = await this.#tree.isResponsive()
    const cluster = isThere ? this.#tree.read() : this.#tree.stale()
    const policyReading = isThere
      ? this.#policyFile.read(existsSync(join(pveRoot, 'nodes')))
      : this.#policyFile.last()
    const { policy: inForce = DEFAULT_POLICY, source, problems } = policyReading
    const folder = inForce.announce?.fastAnnouncer
    const fastAnnouncer = isThere ? this.#fastAnnouncer.read(folder) : this.#fastAnnouncer.last()
    const guests = withFurther(
      cluster.guests.map(({ guest }) => guest),
      fastAnnouncer.files,
      inForce.announce,
    )
    const notes = new Map(cluster.guests.map(known => [known.guest.vmid, known.notes]))
    const notesOf = (vmid: Vmid) => notes.get(vmid) ?? NO_NOTES
    return {
      notesOf,
      fastAnnouncer,
      drained: readDrained(this.#settings),
      input: {
        node,
        guests,
        unreadable: cluster.unreadable,
        complete: cluster.complete,
        running: isThere && isContested(guests, node) ? this.#tree.running() : new Set(),
        enabled: inForce.dhcp.enabled,
        isServed: (guest, network) => isServed(inForce.dhcp, network) && notesOf(guest.vmid).dhcp,
        resolver: this.#readResolver(),
        vnetsWithDhcp: cluster.vnetsWithDhcp,
      },
      policy: inForce,
      policySource: source,
      problems: [...problems, ...cluster.problems, ...fastAnnouncer.problems],
      provisional: !cluster.complete || cluster.unreadable.size > 0 || policyReading.provisional === true,
    }
  }

  /** What changes whenever what is read may have: cheap enough for every second. */
  async changeMark(): Promise<string> {
    if (!(await this.#tree.isResponsive())) return 'silent'
    const { config, pveRoot } = this.#settings
    const others = [config, join(pveRoot, 'sdn', '.running-config'), RESOLV_CONF].map(stampOf)
    const folder = this.#policyFile.last().policy?.announce?.fastAnnouncer
    if (folder !== undefined) others.push(folderMark(folder))
    return [this.#tree.changeMark(), ...others].join('\n')
  }

  /** An empty file is one that is being written. */
  #readResolver(): Resolver {
    const read = this.#resolver()
    if (read.nameservers.length > 0) this.#lastResolver = read
    return this.#lastResolver ?? read
  }

  /** Keeps what a restarted agent would miss. */
  save(): void {
    this.#policyFile.save()
  }
}
