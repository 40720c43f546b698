import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Vmid } from '../core/guest/names.ts'
import { NO_NOTES } from '../core/guest/notes.ts'
import type { Resolver } from '../core/node/resolver.ts'
import type { Settings } from '../core/node/settings.ts'
import { DEFAULT_POLICY } from '../core/policy/policy.ts'
import type { Reading } from '../core/reading.ts'
import { FastAnnouncerFolder, folderMark } from '../predecessors/fastAnnouncer/folder.ts'
import { withFurther } from '../predecessors/withFurther.ts'
import { holdersMark } from '../pve/holders.ts'
import { RESOLV_CONF, readResolver } from '../pve/resolver.ts'
import { readClocks } from '../pve/tree/clocks.ts'
import { ClusterTree } from '../pve/tree/cluster.ts'
import { stampOf } from '../pve/tree/configFiles.ts'
import { readDrained } from './drained.ts'
import { PolicyFile } from './policyFile.ts'
import { type Sighting, SightingsMemory } from './sightings.ts'

/** Reads the cluster, the policy and the host's resolver; remembers what it needs to tell a blink from a change. */
export class Reader {
  readonly #tree: ClusterTree
  readonly #settings: Settings
  readonly #policyFile: PolicyFile
  readonly #fastAnnouncer = new FastAnnouncerFolder()
  readonly #sightings = new SightingsMemory()
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
    const { policy: inForce = DEFAULT_POLICY, source, problems, placeOf } = policyReading
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
      node,
      guests,
      notesOf,
      unreadable: cluster.unreadable,
      complete: cluster.complete,
      running: isThere ? this.#tree.running() : undefined,
      clocks: isThere ? readClocks(pveRoot) : new Map(),
      quorate: isThere && this.#tree.quorate(),
      sightings: this.#sightings,
      further: fastAnnouncer,
      drained: readDrained(this.#settings),
      resolver: this.#readResolver(),
      vnetsWithDhcp: cluster.vnetsWithDhcp,
      policy: inForce,
      policySource: source,
      ...(placeOf && { policyPlace: placeOf }),
      config: this.#settings.config,
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
    return [this.#tree.changeMark(), holdersMark(pveRoot), ...others].join('\n')
  }

  /** An empty file is one that is being written. */
  #readResolver(): Resolver {
    const read = this.#resolver()
    if (read.nameservers.length > 0) this.#lastResolver = read
    return this.#lastResolver ?? read
  }

  /** Remembers what was seen in this run. */
  note(sighting: Sighting): void {
    this.#sightings.note(sighting)
  }

  /** Keeps what a restarted agent would miss. */
  save(): void {
    this.#policyFile.save()
  }
}
