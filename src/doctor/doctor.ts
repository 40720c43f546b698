import { accessSync, constants } from 'node:fs'
import { dirname } from 'node:path'
import type { Settings } from '../core/node/settings.ts'
import type { Reading } from '../core/reading.ts'
import { markOf } from '../core/routing/mark.ts'
import { Reader } from '../cycle/read.ts'
import { observeLinks } from '../iproute2/links.ts'
import { isMarkFree } from '../iproute2/markClaim.ts'
import { errorText } from '../os/errorText.ts'
import { exists } from '../os/files.ts'
import { checkAnnouncing } from './announcing.ts'
import { checkAppArmor } from './apparmor.ts'
import { bad, type Check, doubtful, good } from './check.ts'
import { checkKernel } from './kernel.ts'
import { checkLeftovers } from './leftovers.ts'
import { checkOtherDhcp } from './otherDhcp.ts'
import { checkPrograms } from './programs.ts'

/**
 * Everything this node lacks or has in the way. `seconds`: how long to listen for other DHCP servers; `fastAnnouncer`: the
 * folder of that predecessor's files.
 */
export async function examine(
  settings: Settings,
  seconds: number,
  fastAnnouncer: string | undefined,
): Promise<Check[]> {
  const [programs, kernel] = await Promise.all([checkPrograms(), checkKernel()])
  const reading = await new Reader(settings).read()
  const canLook = [...programs, ...kernel].every(({ state }) => state !== 'bad')
  const others = canLook ? await checkOtherDhcp(reading.vnetsWithDhcp, await observeLinks(), seconds) : []
  const announcing = canLook ? await checkAnnouncing(reading.policy, settings) : []
  const leftovers = canLook ? await checkLeftovers(reading, fastAnnouncer) : []
  return [
    checkNode(),
    ...programs,
    ...kernel,
    checkAppArmor(),
    ...checkCluster(settings, reading),
    ...[settings.runDir, settings.stateDir].map(checkFolder),
    checkMark(settings),
    ...announcing,
    ...leftovers,
    ...others,
  ]
}

/** One that is too old has been refused before this could run (scripts/nodeVersion.js). */
function checkNode(): Check {
  return good('Node.js', process.versions.node)
}

/** Two names can have the same mark in the kernel, and only one of them can be had on a node. */
export function checkMark(instance: Pick<Settings, 'name' | 'runDir'>, folder?: string): Check {
  const name = 'mark in the kernel'
  const mark = isMarkFree(instance, folder)
  if (mark.ok) return good(name, `${markOf(instance.name)}, which no other instance on this node has`)
  return bad(name, mark.reason, 'Choose another --name for this instance.')
}

function checkCluster({ pveRoot, node, config }: Settings, reading: Reading): Check[] {
  const { guests, complete } = reading
  const here = guests.filter(guest => guest.node === node).length
  const tree = complete
    ? good('cluster configuration', `${pveRoot}: ${guests.length} guests, ${here} of them on ${node}`)
    : bad(
        'cluster configuration',
        reading.problems.find(({ code }) => code === 'cluster-unreadable')?.message ??
          `${pveRoot} cannot be read`,
        'Check that pve-cluster is running and that --pve-root and --node are right.',
      )
  return [tree, checkPolicy(config, reading)]
}

function checkPolicy(config: string, { policySource, problems }: Reading): Check {
  const mistakes = problems.filter(({ code }) => code.startsWith('policy-')).length
  switch (policySource) {
    case 'file':
      return good('policy', `${config} is valid`)
    case 'default':
      return good('policy', `${config} does not exist: every static address is served`)
    case 'last-good':
      return doubtful(
        'policy',
        `${config} has ${mistakes} mistakes; the last good one is in force`,
        'See guestnet status.',
      )
    case 'waiting':
      return doubtful(
        'policy',
        `${config} waits to be accepted; the one before is in force`,
        'See guestnet policy diff.',
      )
    case 'none':
      return bad(
        'policy',
        `${config} has ${mistakes} mistakes and there was no valid one before`,
        'See guestnet status.',
      )
  }
}

/** The folder, or where it would be made. */
function checkFolder(folder: string): Check {
  try {
    const place = exists(folder) ? folder : nearestExisting(folder)
    accessSync(place, constants.W_OK)
    return good(`folder ${folder}`, exists(folder) ? 'is writable' : 'will be made')
  } catch (error) {
    const reason = errorText(error)
    return doubtful(
      `folder ${folder}`,
      reason,
      'Guests are served all the same; make it writable to keep leases.',
    )
  }
}

function nearestExisting(folder: string): string {
  const parent = dirname(folder)
  return exists(parent) || parent === folder ? parent : nearestExisting(parent)
}
