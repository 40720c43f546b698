import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { readTable, revisionIn } from '../src/advertiser/table.ts'
import { NftEvents } from '../src/agent/nftEvents.ts'
import { TimelineFile } from '../src/agent/timelineFile.ts'
import { readGuests } from '../src/bird/guests.ts'
import { readHolders as readListeners } from '../src/bird/port179.ts'
import { readBack } from '../src/bird/readBack.ts'
import { readPeers, readPrefixes, readStatus } from '../src/bird/readings.ts'
import { ReplyParser, resultOf } from '../src/bird/reply.ts'
import { TableMemory } from '../src/bird/tableMemory.ts'
import { parseNotes } from '../src/core/guest/notes.ts'
import { parsePolicy } from '../src/core/policy/policy.ts'
import { PolicyHistory } from '../src/cycle/policyHistory.ts'
import { parseAddresses, parseMacs } from '../src/iproute2/gatewayParse.ts'
import { parseLinks } from '../src/iproute2/links.ts'
import { parseNeighbours, parseProxies, parseRoutes, parseRules } from '../src/iproute2/routingParse.ts'
import { statistic } from '../src/kea/control.ts'
import { KEA } from '../src/kea/daemons.ts'
import { mergeLeaseFiles } from '../src/kea/leaseFile.ts'
import { LeaseFollower } from '../src/kea/leaseFollower.ts'
import { observeLeases } from '../src/kea/leases.ts'
import { readStored } from '../src/kea/stored.ts'
import { parseDrops, parseGuard } from '../src/nftables/guard/parse.ts'
import { parseTable } from '../src/nftables/parse.ts'
import { parseFastAnnouncer } from '../src/predecessors/fastAnnouncer/file.ts'
import {
  parseNamespaces,
  parsePlainNeighbours,
  parsePlainRoutes,
  parsePlainRules,
  parseVeths,
} from '../src/predecessors/parse.ts'
import { readAcceptance } from '../src/pve/acceptance.ts'
import { readTicket } from '../src/pve/access/ticket.ts'
import { readTokens } from '../src/pve/access/tokens.ts'
import { enabledUsers } from '../src/pve/access/users.ts'
import { toGuest } from '../src/pve/config/guest.ts'
import { parseGuestConfig } from '../src/pve/config/parsedConfig.ts'
import { Holders } from '../src/pve/holders.ts'
import { parseResolver } from '../src/pve/resolver.ts'
import { parseClocks } from '../src/pve/tree/clocks.ts'
import {
  parseDhcpByVnet,
  parseMembers,
  parseQuorate,
  parseRunning,
  parseVersion,
  parseVmList,
} from '../src/pve/tree/virtualFiles.ts'
import { macOf, offer, vmidOf } from './builders.ts'

/** Something that comes from outside, and all who read it. */
export interface Said {
  /** A file of `test/fixtures/said`: what a real program, or a real file, said. */
  readonly file: string
  readonly read: (text: string) => unknown
  /** What is no list of a program's at all is refused by an error, which whoever asked the program expects. */
  readonly refuses?: true
}

const FOLDER = join(import.meta.dirname, 'fixtures', 'said')

export function fixturePath(file: string): string {
  return join(FOLDER, file)
}

export function fixture(file: string): string {
  return readFileSync(fixturePath(file), 'utf8')
}

/** The mark of the guestnet that was recorded, and the table and tables that it had. */
const { mark, name, table } = { mark: 103, name: 'guestnet', table: 100 } as const

/** By programs of the node, and the files that Kea, BIRD and guestnet keep; each recorded by `test/e2e/said.test.ts`. */
export const RECORDED: readonly Said[] = [
  { file: 'ip-link.json', refuses: true, read: parseLinks },
  { file: 'ip-link-details.json', refuses: true, read: parseVeths },
  { file: 'ip-netns.json', refuses: true, read: parseNamespaces },
  { file: 'ip-link-device.json', refuses: true, read: text => parseMacs([text]) },
  { file: 'ip-address4.json', refuses: true, read: text => parseAddresses(text, mark) },
  { file: 'ip-address6.json', refuses: true, read: text => parseAddresses(text, mark) },
  {
    file: 'ip-route4.json',
    refuses: true,
    read: text => [parseRoutes(text, 'ipv4', table, mark), parsePlainRoutes(text, table)],
  },
  {
    file: 'ip-route6.json',
    refuses: true,
    read: text => [parseRoutes(text, 'ipv6', table, mark), parsePlainRoutes(text, table)],
  },
  {
    file: 'ip-rule4.json',
    refuses: true,
    read: text => [parseRules(text, 'ipv4', mark), parsePlainRules(text, 'ipv4')],
  },
  {
    file: 'ip-rule6.json',
    refuses: true,
    read: text => [parseRules(text, 'ipv6', mark), parsePlainRules(text, 'ipv6')],
  },
  {
    file: 'ip-neighbour4.json',
    refuses: true,
    read: text => [parseNeighbours(text, mark), parsePlainNeighbours(text)],
  },
  {
    file: 'ip-neighbour6.json',
    refuses: true,
    read: text => [parseNeighbours(text, mark), parsePlainNeighbours(text)],
  },
  { file: 'ip-proxy.json', refuses: true, read: text => parseProxies(text, mark) },
  { file: 'nft-ports.json', refuses: true, read: parseTable },
  { file: 'nft-guard.json', refuses: true, read: parseGuard },
  { file: 'nft-maps.json', refuses: true, read: text => parseDrops(text, `${name}.guard`) },
  {
    file: 'nft-monitor.txt',
    read: text => {
      const events = new NftEvents(name, `${name}.guard`)
      return text.split('\n').map(line => events.isForeign(line))
    },
  },
  { file: 'ss.txt', read: readListeners },
  { file: 'bird.txt', read: readConversation },
  { file: 'bird.conf', read: readBack },
  { file: 'guests4.conf', read: readGuests },
  { file: 'guests6.conf', read: readGuests },
  { file: 'kea-dhcp4.json', read: readStored },
  { file: 'kea-dhcp6.json', read: readStored },
  { file: 'kea-lease-get-all.json', refuses: true, read: text => askedOf(text, readLeasesOf) },
  { file: 'kea-statistic.json', refuses: true, read: text => askedOf(text, readStatistic) },
  { file: 'kea-leases4.csv', read: text => readLeaseFile('kea-leases4.csv', text) },
  { file: 'advertiser-table.txt', read: text => [readTable(text), revisionIn(text)] },
  {
    file: 'timeline.ndjson',
    read: text => inFolder('timeline.ndjson', text, folder => new TimelineFile(folder).read()),
  },
  {
    file: 'holder.json',
    read: text => inFolder('guestnet/holders/192.0.2.5 in vmbr0', text, root => new Holders(root).observe()),
  },
  {
    file: 'uplink-table',
    read: text => inFolder('uplink-table', text, folder => new TableMemory(folder).read()),
  },
]

/** By Proxmox VE, by people and by guestnet's own commands; written after what real clusters have. */
export const WRITTEN: readonly Said[] = [
  { file: 'kea-leases6.csv', read: text => readLeaseFile('kea-leases6.csv', text) },
  { file: 'version.json', read: parseVersion },
  { file: 'vmlist.json', read: parseVmList },
  { file: 'members.json', read: text => [parseMembers(text), parseQuorate(text)] },
  { file: 'rrd.txt', read: text => [parseRunning(text), parseClocks(text)] },
  { file: 'running-config.json', read: parseDhcpByVnet },
  { file: 'user.cfg', read: text => enabledUsers(text, 1_800_000_000) },
  { file: 'ticket.txt', read: readTicket },
  {
    file: 'accepted-policy.json',
    read: text => inFolder('guestnet/accepted-policy', text, readAcceptance),
  },
  {
    file: 'policies-accepted.json',
    read: text =>
      inFolder('policies/accepted.json', text, stateDir => {
        const history = new PolicyHistory({ stateDir })
        writeFileSync(join(stateDir, 'policies/2026-11-27T121917.123Z-no-file.yaml'), '')
        return history.newest()
      }),
  },
  {
    file: 'tokens.json',
    refuses: true,
    read: text => inFolder('priv/guestnet/tokens.json', text, readTokens),
  },
  { file: 'resolv.conf', read: parseResolver },
  { file: 'fast-announcer.json', read: text => parseFastAnnouncer(text, '100.json', vmidOf(100)) },
  { file: 'qemu.conf', read: text => readGuestFile(text, 'qemu') },
  { file: 'lxc.conf', read: text => readGuestFile(text, 'lxc') },
  { file: 'policy.yaml', read: text => parsePolicy(text, 'guestnet.yaml') },
]

/** All that is read of a guest's file, Notes included. */
function readGuestFile(text: string, type: 'qemu' | 'lxc') {
  const guest = toGuest(parseGuestConfig(text, type), { node: 'pve1', file: '100.conf', vmid: vmidOf(100) })
  return [guest, parseNotes(guest.notes, guest.file, guest.vmid)]
}

/** What BIRD said to somebody who asked several questions, in pieces as they come from a socket. */
function readConversation(text: string) {
  const parser = new ReplyParser()
  const pieces = text.match(/[\s\S]{1,700}/g) ?? []
  return pieces
    .flatMap(piece => parser.push(piece))
    .map(reply => [readStatus(reply), readPeers(reply), readPrefixes(reply), resultOf(reply)])
}

function readLeaseFile(file: string, text: string) {
  const holder = { address: '203.0.113.100', hardwareAddress: macOf('52:54:00:00:00:64'), subnetId: 1 }
  return inFolder(file, text, folder => {
    const follower = new LeaseFollower(folder, file)
    follower.update()
    return [follower.leases, mergeLeaseFiles([text, follower.text], [holder as never])]
  })
}

const readLeasesOf = (socket: string) =>
  observeLeases(
    { socket, daemon: KEA.ipv4 },
    [100, 101].map(vmid => offer(vmid, { mac: `52:54:00:00:00:${vmid.toString(16)}` })),
  )

const readStatistic = (socket: string) => statistic(socket, 'pkt4-received')

/** Asks at a control socket where this is the answer to whatever is asked. */
async function askedOf<T>(answer: string, ask: (socket: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'guestnet-said-'))
  const server = createServer(connection => connection.once('data', () => connection.end(answer)))
  try {
    const socket = join(folder, 'socket')
    await new Promise<void>(resolve => server.listen(socket, resolve))
    return await ask(socket)
  } finally {
    server.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Reads a text as a file below a folder of its own. */
function inFolder<T>(path: string, text: string, read: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'guestnet-said-'))
  try {
    const file = join(folder, ...path.split('/').map(part => part.replaceAll(' ', '%20')))
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
    return read(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
