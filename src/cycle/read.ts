import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Guest } from '../core/guest/guest.ts'
import { NO_NOTES } from '../core/guest/notes.ts'
import type { Resolver } from '../core/node/resolver.ts'
import type { Settings } from '../core/node/settings.ts'
import { DEFAULT_POLICY } from '../core/policy/policy.ts'
import type { Reading } from '../core/reading.ts'
import { describeExcess } from '../core/succession/describe.ts'
import { type Succession, successionOf } from '../core/succession/succession.ts'
import { isSameList, memoOf } from '../core/values/memo.ts'
import {
  FastAnnouncerFolder,
  type FastAnnouncerReading,
  folderMark,
} from '../predecessors/fastAnnouncer/folder.ts'
import { withFurther } from '../predecessors/withFurther.ts'
import { acceptancePath } from '../pve/acceptance.ts'
import { holdersMark } from '../pve/holders.ts'
import { RESOLV_CONF, readResolver } from '../pve/resolver.ts'
import { readClocks } from '../pve/tree/clocks.ts'
import { ClusterTree } from '../pve/tree/cluster.ts'
import { type KnownGuest, stampOf } from '../pve/tree/configFiles.ts'
import { readDrained } from './drained.ts'
import type { ValidPolicy } from './policyFile.ts'
import { type Judge, PolicyInForce } from './policyInForce.ts'
import { type Sighting, SightingsMemory } from './sightings.ts'

/** What was read, but for what depends on the policy. */
type Found = Omit<
  Reading,
  'guests' | 'further' | 'policy' | 'policySource' | 'policyPlace' | 'policyDigest'
> & {
  readonly clusterGuests: readonly Guest[]
}

/** Reads the cluster, the policy and the host's resolver; remembers what it needs to tell a blink from a change. */
export class Reader {
  readonly #tree: ClusterTree
  readonly #settings: Settings
  readonly #policy: PolicyInForce
  readonly #fastAnnouncer = new FastAnnouncerFolder()
  readonly #sightings = new SightingsMemory()
  #lastResolver: Resolver | undefined
  readonly #resolver: () => Resolver

  /** `resolver` reads the host's own resolver settings. */
  constructor(settings: Settings, resolver: () => Resolver = readResolver) {
    this.#settings = settings
    this.#resolver = resolver
    this.#tree = new ClusterTree(settings.pveRoot, settings.node)
    this.#policy = new PolicyInForce(settings)
  }

  async read(mayDiffer = true): Promise<Reading> {
    const isThere = await this.#tree.isResponsive()
    const found = this.#find(isThere, mayDiffer)
    const { inForce, source, problems, provisional } = isThere
      ? this.#policy.read(existsSync(join(this.#settings.pveRoot, 'nodes')), (former, next) =>
          this.#whyItWaits(found, former, next),
        )
      : this.#policy.last()
    const folder = inForce?.policy.announce?.fastAnnouncer
    const fastAnnouncer = isThere ? this.#fastAnnouncer.read(folder) : this.#fastAnnouncer.last()
    return {
      ...under(inForce, found, fastAnnouncer),
      policySource: source,
      ...(inForce && { policyDigest: inForce.digest }),
      problems: [...problems, ...found.problems, ...fastAnnouncer.problems],
      provisional: found.provisional || provisional === true,
    }
  }

  /** What it would mean if a policy followed the one in force; `undefined`: the cluster cannot be read as a whole. */
  async succession(next: ValidPolicy): Promise<Succession | undefined> {
    const found = this.#find(await this.#tree.isResponsive())
    return found.complete ? this.#successionOf(found, this.#policy.current() ?? next, next) : undefined
  }

  /** The policy in force, and since when; absent: there never was one. */
  inForce(): ReturnType<PolicyInForce['current']> {
    return this.#policy.current()
  }

  #find(isThere: boolean, mayDiffer = true): Found {
    const { node, pveRoot, config } = this.#settings
    const cluster = isThere ? this.#tree.read(mayDiffer) : this.#tree.stale()
    return {
      node,
      config,
      ...knownGuests(cluster.guests),
      unreadable: cluster.unreadable,
      complete: cluster.complete,
      running: isThere ? this.#tree.running() : undefined,
      clocks: isThere ? readClocks(pveRoot) : new Map(),
      quorate: isThere && this.#tree.quorate(),
      sightings: this.#sightings,
      drained: readDrained(this.#settings),
      resolver: this.#readResolver(),
      vnetsWithDhcp: cluster.vnetsWithDhcp,
      problems: cluster.problems,
      provisional: !cluster.complete || cluster.unreadable.size > 0,
    }
  }

  #whyItWaits(found: Found, former: ValidPolicy, next: ValidPolicy): ReturnType<Judge> {
    if (!found.complete) return 'unknown'
    const { waits } = this.#successionOf(found, former, next)
    return waits && describeExcess(waits, former.policy.changes)
  }

  #successionOf(found: Found, former: ValidPolicy, next: ValidPolicy): Succession {
    const [before, after] = [former, next].map(valid =>
      under(valid, found, new FastAnnouncerFolder().read(valid.policy.announce?.fastAnnouncer)),
    ) as [Reading, Reading]
    return successionOf(before, after, hasLink)
  }

  /** What changes whenever what is read may have: cheap enough for every second. */
  async changeMark(): Promise<string> {
    if (!(await this.#tree.isResponsive())) return 'silent'
    const { config, pveRoot } = this.#settings
    const others = [
      config,
      acceptancePath(pveRoot),
      join(pveRoot, 'sdn', '.running-config'),
      RESOLV_CONF,
    ].map(stampOf)
    const folder = this.#policy.last().inForce?.policy.announce?.fastAnnouncer
    if (folder !== undefined) others.push(folderMark(folder))
    return [this.#tree.changeMark(), holdersMark(pveRoot), ...others].join('\n')
  }

  /** An empty file is one that is being written. */
  #readResolver(): Resolver {
    const read = this.#resolver()
    const last = this.#lastResolver
    if (read.nameservers.length === 0) return last ?? read
    const isAsBefore =
      last && isSameList(last.nameservers, read.nameservers) && isSameList(last.search, read.search)
    if (!isAsBefore) this.#lastResolver = read
    return this.#lastResolver ?? read
  }

  /** Remembers what was seen in this run. */
  note(sighting: Sighting): void {
    this.#sightings.note(sighting)
  }

  /** Keeps what a restarted agent would miss. */
  save(): void {
    this.#policy.save()
  }
}

/** The same for the same list, so that what follows from it need not be found again. */
const knownGuests = memoOf((known: readonly KnownGuest[]): Pick<Found, 'clusterGuests' | 'notesOf'> => {
  const notes = new Map(known.map(one => [one.guest.vmid, one.notes]))
  return {
    clusterGuests: known.map(({ guest }) => guest),
    notesOf: vmid => notes.get(vmid) ?? NO_NOTES,
  }
})

/** What was read, with what a policy makes of it; without any, the defaults. */
function under(
  { policy = DEFAULT_POLICY, placeOf }: Partial<ValidPolicy> = {},
  { clusterGuests, ...found }: Found,
  fastAnnouncer: FastAnnouncerReading,
): Reading {
  return {
    ...found,
    guests: withFurther(clusterGuests, fastAnnouncer.files, policy.announce),
    further: fastAnnouncer,
    policy,
    policySource: 'file',
    ...(placeOf && { policyPlace: placeOf }),
  }
}

/** Whether this node has a link, up or not. */
function hasLink(name: string): boolean {
  return existsSync(join('/sys/class/net', name))
}
