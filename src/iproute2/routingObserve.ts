import type { ObservedGateway, ObservedRouting } from '../core/routing/observation.ts'
import { PROTOCOL } from '../core/routing/routing.ts'
import type { Family } from '../core/values/family.ts'
import { run } from '../os/program.ts'
import { splitBatch } from './entries.ts'
import { parseAddresses, parseMacs } from './gatewayParse.ts'
import { holds, isDevice, proxySysctls } from './proxySysctls.ts'
import { parseNeighbours, parseProxies, parseRoutes, parseRules, type TableRoutes } from './routingParse.ts'

/**
 * What the kernel has of what announcing needs: all that bears guestnet's mark, and what others have in `tables`.
 * `devices` are those that are to be gateways. Throws when `ip` itself does not work.
 *
 * Two processes, and two a table, at once. Routes are not read in a batch: there `ip` does not ask the kernel for one table
 * only, and a full BGP table elsewhere would be read to be thrown away. Lists are: one line of output a line of input, and
 * a line that fails would end it, so only devices that are there are asked for.
 */
export async function observeRouting(
  tables: readonly number[],
  devices: readonly string[],
  mark: number = PROTOCOL,
): Promise<ObservedRouting> {
  const present = devices.filter(isDevice)
  const [routes, lists4, lists6] = await Promise.all([
    readTables(tables, mark),
    readLists('ipv4', [...LISTS, ...present.map(device => `link show dev ${device}`)]),
    readLists('ipv6', [...LISTS, 'neighbour show proxy']),
  ])
  const [rules4 = '', neighbours4 = '', addresses4 = '', ...links] = lists4
  const [rules6 = '', neighbours6 = '', addresses6 = '', proxies = ''] = lists6
  const rules = [...parseRules(rules4, 'ipv4', mark), ...parseRules(rules6, 'ipv6', mark)]
  // Those that guestnet used before its configuration named others; its rules still name them.
  const former = [...new Set(rules.map(rule => rule.table))].filter(table => !tables.includes(table))
  return {
    routes: [...routes.marked, ...(await readTables(former, mark)).marked],
    foreign: routes.foreign,
    neighbours: [...parseNeighbours(neighbours4, mark), ...parseNeighbours(neighbours6, mark)],
    proxies: parseProxies(proxies, mark),
    rules,
    gateways: gatewaysOf(present, [addresses4, addresses6], links, mark),
  }
}

const LISTS = ['rule show', 'neighbour show nud permanent', 'address show'] as const
const OPTION = { ipv4: '-4', ipv6: '-6' } as const satisfies Record<Family, string>

async function readLists(family: Family, commands: readonly string[]): Promise<string[]> {
  const outcome = await run('ip', ['-j', '-N', OPTION[family], '-batch', '-'], {
    input: `${commands.join('\n')}\n`,
  })
  if (!outcome.ok) throw new Error(outcome.reason)
  const lists = splitBatch(outcome.stdout)
  if (lists.length !== commands.length)
    throw new Error(`ip -j -batch: ${lists.length} answers to ${commands.length} questions`)
  return lists
}

async function readTables(tables: readonly number[], mark: number): Promise<TableRoutes> {
  const listings = tables.flatMap(table => [readTable('ipv4', table, mark), readTable('ipv6', table, mark)])
  const read = await Promise.all(listings)
  return { marked: read.flatMap(({ marked }) => marked), foreign: read.flatMap(({ foreign }) => foreign) }
}

async function readTable(family: Family, table: number, mark: number): Promise<TableRoutes> {
  const listing = await run('ip', ['-j', '-N', OPTION[family], 'route', 'show', 'table', String(table)])
  if (listing.ok) return parseRoutes(listing.stdout, family, table, mark)
  // A table exists from its first route on.
  if (listing.stderr.includes('FIB table does not exist')) return { marked: [], foreign: [] }
  throw new Error(listing.reason)
}

function gatewaysOf(
  present: readonly string[],
  addresses: readonly string[],
  links: readonly string[],
  mark: number,
): ObservedGateway[] {
  const held = addresses.map(json => parseAddresses(json, mark))
  const macs = parseMacs(links)
  const heldBy = (device: string) => held.flatMap(family => family.get(device) ?? [])
  const marked = held.flatMap(family => [...family.keys()]).filter(name => heldBy(name).some(a => a.marked))
  return [...new Set([...present, ...marked])].map(device => {
    const mac = macs.get(device)
    return {
      device,
      ...(mac && { mac }),
      addresses: heldBy(device),
      proxyArp: proxySysctls('ipv4', device).every(holds),
      proxyNdp: proxySysctls('ipv6', device).every(holds),
    }
  })
}
