import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { parseVmid, type Vmid } from '../../core/guest/names.ts'
import type { Problem } from '../../core/problem/problem.ts'
import { isSameList, memoOf, memoOfLast } from '../../core/values/memo.ts'
import { afterListening } from '../../os/deadline.ts'
import { exists, readText } from '../../os/files.ts'
import {
  ConfigCache,
  type ConfigFile,
  configFile,
  type KnownGuest,
  listConfigFiles,
  listNodes,
  signatureOf,
  stampOf,
} from './configFiles.ts'
import {
  type DhcpByVnet,
  type ListedGuest,
  parseDhcpByVnet,
  parseQuorate,
  parseRunning,
  parseVersion,
  parseVmList,
} from './virtualFiles.ts'

/** The cluster's guests as this node sees them. */
export interface Cluster {
  readonly guests: readonly KnownGuest[]
  /** Guests that exist, but whose file cannot be read or is empty. */
  readonly unreadable: ReadonlySet<Vmid>
  /** False: there may be more guests than these. */
  readonly complete: boolean
  readonly problems: readonly Problem[]
  /** SDN vnets that Proxmox's own dnsmasq serves, with the families. */
  readonly dhcpByVnet: DhcpByVnet
  /** Those of them where it serves IPv4. */
  readonly vnetsWithDhcp: ReadonlySet<string>
}

/** A guest's file, and the version that pmxcfs counts of it. */
interface Listed {
  readonly file: ConfigFile
  readonly version: number | undefined
}

const NO_DHCP: DhcpByVnet = new Map()

/**
 * Reads a tree such as /etc/pve. One that has, or ever had, a `.version` is kept by pmxcfs: its `.vmlist` says which
 * guests there are. Any other is a plain folder: what lies there is all there is.
 */
export class ClusterTree {
  readonly #root: string
  readonly #node: string
  readonly #cache = new ConfigCache()
  // What pmxcfs tells is read with each look, and is mostly what it told before.
  readonly #parseVersion = memoOfLast(parseVersion)
  readonly #parseVmList = memoOfLast(parseVmList)
  readonly #parseRunning = memoOfLast(parseRunning)
  readonly #parseDhcpByVnet = memoOfLast(parseDhcpByVnet)
  readonly #vnetsWithDhcp = memoOf(
    (served: DhcpByVnet): ReadonlySet<string> =>
      new Set([...served].flatMap(([vnet, families]) => (families.has('ipv4') ? [vnet] : []))),
  )
  readonly #filesOf = memoOf((listed: readonly ListedGuest[]): readonly Listed[] =>
    listed.flatMap(({ vmid: digits, node, type, version }) => {
      const vmid = parseVmid(digits)
      return vmid === undefined ? [] : [{ file: configFile(this.#root, node, type, vmid), version }]
    }),
  )
  readonly #ownAmong = memoOf((files: readonly Listed[]) =>
    files.filter(({ file }) => file.node === this.#node),
  )
  #lastList: { readonly files: readonly Listed[]; readonly epoch: string | undefined } | undefined
  #keptByPmxcfs = false
  /** No file of this node's guests was so fresh at the last look that it may change again without it showing. */
  #isSettled = false
  #probe: Promise<unknown> | undefined
  #last: Cluster = {
    guests: [],
    unreadable: new Set(),
    complete: false,
    problems: [],
    dhcpByVnet: NO_DHCP,
    vnetsWithDhcp: new Set(),
  }

  constructor(root: string, node: string) {
    this.#root = root
    this.#node = node
  }

  /** What tells that guests changed somewhere in the cluster; `undefined` where there is no `.version`. */
  version(): string | undefined {
    const file = readText(join(this.#root, '.version'))
    if (file.ok) this.#keptByPmxcfs = true
    return file.ok ? this.#parseVersion(file.text) : undefined
  }

  /**
   * Whether the tree answers at all: reading one that hangs would hang this process with it. While one probe hangs no
   * other is sent after it.
   */
  async isResponsive(patience = 1500): Promise<boolean> {
    this.#probe ??= readBeginning(join(this.#root, '.version'))
      .catch(() => undefined)
      .finally(() => {
        this.#probe = undefined
      })
    const probe = this.#probe
    return await new Promise(resolve => {
      const cancel = afterListening(patience, () => resolve(false))
      void probe.then(() => resolve(true)).finally(cancel)
    })
  }

  /** What was read last, for a tree that does not answer now. */
  stale(): Cluster {
    return this.#unreadable(`${this.#root} does not answer`)
  }

  /** What changes whenever a guest's file may have: cheap enough for every second. */
  changeMark(): string {
    const version = this.version()
    if (version !== undefined || this.#keptByPmxcfs) return version ?? 'gone'
    return listNodes(this.#root)
      .flatMap(node => listConfigFiles(this.#root, node))
      .map(({ path }) => `${path} ${stampOf(path)}`)
      .join('\n')
  }

  /**
   * Where pmxcfs counts the versions of guests' files, its list alone is asked unless `mayDiffer`: 300 files' attributes cost it
   * 8 ms.
   */
  read(mayDiffer = true): Cluster {
    const files = this.#list()
    if (typeof files === 'string') return this.#unreadable(files)
    const epoch = this.version()?.split(':')[0]
    if (this.#isAsBefore(files, epoch, mayDiffer)) return this.#last
    this.#isSettled = false
    this.#lastList = { files, epoch }
    const guests = new Map<Vmid, KnownGuest>()
    const unreadable = new Map<Vmid, Problem>()
    for (const { file, version } of files) {
      const { known, intact, failure } = this.#cache.read(file, this.#signature(file, version, epoch))
      // A copied tree can have a guest in two folders: the one in this node's own counts.
      if (known && guests.get(file.vmid)?.guest.node !== this.#node) guests.set(file.vmid, known)
      if (!intact) unreadable.set(file.vmid, failure ?? unreadableProblem(file))
    }
    this.#cache.keepOnly(new Set(files.map(({ file }) => file.vmid)))
    const dhcpByVnet = this.#dhcpByVnet()
    const found = [...guests.values()]
    this.#last = {
      // The same list while all guests are as they were: what follows from it need not be found again.
      guests: isSameList(found, this.#last.guests) ? this.#last.guests : found,
      unreadable: new Set(unreadable.keys()),
      complete: true,
      problems: [...unreadable.values()],
      dhcpByVnet,
      vnetsWithDhcp: this.#vnetsWithDhcp(dhcpByVnet),
    }
    return this.#last
  }

  /** Whether nothing of the guests changed since they were read: then 5,000 of them need not be gone through. */
  #isAsBefore(files: readonly Listed[], epoch: string | undefined, mayDiffer: boolean): boolean {
    const { complete, unreadable } = this.#last
    const isListed =
      files === this.#lastList?.files &&
      epoch === this.#lastList.epoch &&
      complete &&
      unreadable.size === 0 &&
      this.#last.dhcpByVnet === this.#dhcpByVnet()
    if (!isListed || (this.#isSettled && !mayDiffer)) return isListed
    this.#isSettled = this.#ownAmong(files).every(({ file, version }) =>
      this.#cache.isCurrent(file, this.#signature(file, version, epoch)),
    )
    return this.#isSettled
  }

  /** While the file cannot be read or is half written, what it said before. */
  #dhcpByVnet(): DhcpByVnet {
    const file = readText(join(this.#root, 'sdn', '.running-config'))
    if (!file.ok) return file.absent ? NO_DHCP : this.#last.dhcpByVnet
    return this.#parseDhcpByVnet(file.text) ?? this.#last.dhcpByVnet
  }

  #unreadable(reason: string): Cluster {
    const problem: Problem = {
      code: 'cluster-unreadable',
      message: `${reason}. What is served stays as it is.`,
      remedy: 'Check that pve-cluster is running and that --pve-root and --node are right.',
      file: this.#root,
    }
    this.#last = { ...this.#last, complete: false, problems: [problem] }
    return this.#last
  }

  /** The guests that run somewhere, as the cluster's status tells; `undefined` where nothing tells. */
  running(): ReadonlySet<number> | undefined {
    const file = readText(join(this.#root, '.rrd'))
    return file.ok && file.text.trim() !== '' ? this.#parseRunning(file.text) : undefined
  }

  /** Whether the cluster has a quorum, so that its files can be written. */
  quorate(): boolean {
    const file = readText(join(this.#root, '.members'))
    return !file.ok || parseQuorate(file.text)
  }

  /** Every guest's file, or why they cannot be listed. */
  #list(): readonly Listed[] | string {
    this.version()
    if (!exists(join(this.#root, 'nodes', this.#node))) {
      return `${join(this.#root, 'nodes', this.#node)} does not exist`
    }
    if (!this.#keptByPmxcfs) {
      return listNodes(this.#root)
        .flatMap(node => listConfigFiles(this.#root, node))
        .map(file => ({ file, version: undefined }))
    }
    const listed = this.#vmList()
    if (!listed) return `${join(this.#root, '.vmlist')} cannot be read`
    return this.#filesOf(listed)
  }

  #vmList(): ListedGuest[] | undefined {
    for (let attempt = 0; attempt < 3; attempt++) {
      const file = readText(join(this.#root, '.vmlist'))
      const listed = file.ok ? this.#parseVmList(file.text) : undefined
      if (listed) return listed
    }
    return undefined
  }

  /**
   * The version pmxcfs counts changes with every edit, but starts over with pmxcfs; so for this node's own guests the
   * file itself is looked at too.
   */
  #signature(file: ConfigFile, version: number | undefined, epoch: string | undefined): string | undefined {
    if (version !== undefined && file.node !== this.#node) return `${epoch} ${version}`
    const signature = signatureOf(file.path)
    return signature && `${signature} ${version ?? ''}`
  }
}

function unreadableProblem({ vmid, path }: ConfigFile): Problem {
  return {
    code: 'config-unreadable',
    message: `The configuration of guest ${vmid} cannot be read or is empty; what is served for it stays as it is.`,
    remedy: 'If this does not pass by itself, look at the file.',
    vmid,
    file: path,
  }
}

/** No more than shows that a file can be read: each step waits for a thread and is a turn of this process, of which a busy node has few. */
async function readBeginning(path: string): Promise<void> {
  const file = await open(path)
  try {
    await file.read(Buffer.alloc(1), 0, 1, 0)
  } finally {
    file.close().catch(() => undefined)
  }
}
