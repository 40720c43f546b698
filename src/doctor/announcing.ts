import { type Bird, BirdDaemon } from '../bird/daemon.ts'
import { findPortHolder } from '../bird/port179.ts'
import { TableMemory } from '../bird/tableMemory.ts'
import { BGP_PORT, BIRD_PROTOCOL, OTHER_PORT } from '../core/announcing/birdSettings.ts'
import { ownTables } from '../core/announcing/intent.ts'
import type { PortHolder } from '../core/announcing/observation.ts'
import type { Settings } from '../core/node/settings.ts'
import { type AnnouncePolicy, uplinkTableOf } from '../core/policy/announce.ts'
import type { BgpPolicy } from '../core/policy/bgp.ts'
import type { Policy } from '../core/policy/policy.ts'
import { markOf } from '../core/routing/mark.ts'
import type { ForeignRoute } from '../core/routing/observation.ts'
import { lengthOf } from '../core/values/address.ts'
import { FAMILY_NAME, familyOf } from '../core/values/family.ts'
import { observeForwarding, readSetting } from '../iproute2/forwarding.ts'
import { observeLinks } from '../iproute2/links.ts'
import { observeRouting } from '../iproute2/routingObserve.ts'
import { exists } from '../os/files.ts'
import { checkAnnouncedNetwork } from './announcedNetworks.ts'
import { bad, type Check, doubtful, good } from './check.ts'
import { checkForwarding } from './forwarding.ts'
import { checkProgram } from './programs.ts'

const BIRD = { name: 'bird', args: ['--version'], debianPackage: 'bird2', oldest: [2, 0] } as const

/** What announcing lacks on this node or has in its way; nothing where the policy does not announce. */
export async function checkAnnouncing(
  { announce, bgp }: Policy,
  { name, runDir, stateDir }: Settings,
): Promise<Check[]> {
  if (!announce) return []
  const bird = new BirdDaemon({ runDir })
  const tables = ownTables(announce, bgp)
  const daemon = await bird.observe()
  const pid = daemon.state === 'absent' ? undefined : daemon.pid
  const isOurs = pid !== undefined || exists(bird.paths.config) || new TableMemory(stateDir).knowsAny()
  const [program, holder, links, forwarding, { foreign }] = await Promise.all([
    bgp?.mode === 'own' ? checkProgram(BIRD) : undefined,
    findPortHolder(pid),
    observeLinks(),
    observeForwarding(),
    observeRouting(tables, [], markOf(name)),
  ])
  return [
    ...(program ? [program] : []),
    ...(bgp ? [checkPort(bgp, holder)] : []),
    ...checkForwarding(announce, forwarding),
    ...announce.networks.flatMap(network => checkAnnouncedNetwork(network, links, readSetting)),
    ...tables.map(table => checkTable(table, foreign, isOurs)),
    ...checkWayOut(announce, foreign, daemon, bird.paths.log),
  ]
}

/** `holder`: who has the port of BGP, other than guestnet's own BIRD. */
export function checkPort(bgp: BgpPolicy, holder: PortHolder | undefined): Check {
  const name = `TCP port ${BGP_PORT}`
  const who = holder && `${holder.program}${holder.pid === undefined ? '' : ` (${holder.pid})`}`
  if (bgp.mode === 'external') {
    return who === undefined
      ? doubtful(name, 'nobody listens, and the policy leaves BGP to a daemon of yours', 'Start your daemon.')
      : good(name, `${who} listens`)
  }
  if (who === undefined) return good(name, "is free, or guestnet's own")
  switch (bgp.localPort) {
    case undefined:
      return doubtful(
        name,
        `${who} has it, so guestnet's BIRD listens on ${OTHER_PORT}`,
        'Let the peers wait for its calls; or use `bgp: external` and "guestnet bgp config --for bird" or "--for frr".',
      )
    case BGP_PORT:
      return bad(name, `${who} has it, and the policy wants it`, 'Remove `localPort` from the policy.')
    default:
      return good(name, `${who} has it; guestnet's BIRD listens on ${bgp.localPort}`)
  }
}

/** `isOurs`: what a BIRD put into the table is of guestnet's. */
export function checkTable(table: number, foreign: readonly ForeignRoute[], isOurs: boolean): Check {
  const name = `routing table ${table}`
  const others = foreign.filter(
    route => route.table === table && !(isOurs && route.protocol === BIRD_PROTOCOL),
  )
  const [first] = others
  if (!first) return good(name, "holds nothing that is not guestnet's")
  const detail = `holds routes that are not guestnet's: ${others.length}, such as ${first.prefix} (protocol ${first.protocol})`
  const remedy = `Choose another table in the policy; "ip route show table ${table}" shows what is in it.`
  return others.some(({ protocol }) => protocol === BIRD_PROTOCOL)
    ? bad(name, detail, remedy)
    : doubtful(name, detail, remedy)
}

/** Whether the kernel has the default routes that guestnet's BIRD has learned for the guests' traffic. */
export function checkWayOut(
  policy: AnnouncePolicy,
  foreign: readonly ForeignRoute[],
  bird: Bird,
  log: string,
): Check[] {
  if (bird.state !== 'running') return []
  const table = uplinkTableOf(policy)
  const channels = bird.peers.flatMap(peer => peer.channels)
  const families = new Set(policy.networks.flatMap(({ prefixes }) => prefixes.map(familyOf)))
  return [...families].map(family => {
    const name = `the guests' way out by ${FAMILY_NAME[family]}`
    const isLearned = channels.some(channel => channel.family === family && channel.imported > 0)
    const isThere = foreign.some(
      route => route.table === table && lengthOf(route.prefix) === 0 && familyOf(route.prefix) === family,
    )
    if (isThere) return good(name, `is the default route in table ${table}`)
    if (!isLearned) return good(name, "is the node's own: no peer has told BIRD a default route")
    return bad(
      name,
      `is missing: BIRD has learned a default route, but the kernel's table ${table} has none`,
      `${log} says what the kernel answered; BIRD tries again every 10 s.`,
    )
  })
}
