import { type Guest, staticAddresses } from '../core/guest/guest.ts'
import type { Problem } from '../core/problem/problem.ts'
import type { Reading } from '../core/reading.ts'
import type { Address } from '../core/values/address.ts'
import type { Mac } from '../core/values/mac.ts'
import { exists } from '../os/files.ts'
import { FastAnnouncerFolder, USUAL_FOLDER } from '../predecessors/fastAnnouncer/folder.ts'
import { describeLeftover, type Leftover } from '../predecessors/leftover.ts'
import { type Evidence, findLeftovers, type Leftovers } from '../predecessors/leftovers.ts'
import { observeLeftovers } from '../predecessors/observe.ts'
import { type Check, doubtful, good } from './check.ts'

/** What predecessors left here; `problems` are those of fast-announcer's files in `folder`. */
export async function lookForLeftovers(
  { guests, policy }: Reading,
  folder: string | undefined,
): Promise<{ found: Leftovers; problems: readonly Problem[] }> {
  const usual = policy.announce?.fastAnnouncer ?? (exists(USUAL_FOLDER) ? USUAL_FOLDER : undefined)
  const { files, problems } = new FastAnnouncerFolder().read(folder ?? usual)
  const evidence = { traces: [...files.values()], guests: macsByAddress(guests) } satisfies Evidence
  const observed = await observeLeftovers(evidence.traces.map(({ table }) => table))
  return { found: findLeftovers(observed, evidence), problems }
}

function macsByAddress(guests: readonly Guest[]): Map<Address, Set<Mac>> {
  const macs = new Map<Address, Set<Mac>>()
  for (const { addressing, mac } of guests.flatMap(({ nics }) => nics)) {
    for (const address of staticAddresses(addressing)) {
      const known = macs.get(address) ?? new Set()
      macs.set(address, mac ? known.add(mac) : known)
    }
  }
  return macs
}

/** For `guestnet doctor`: whether predecessors left something. */
export async function checkLeftovers(reading: Reading, folder: string | undefined): Promise<Check[]> {
  const { found } = await lookForLeftovers(reading, folder)
  return [
    checkOf('leftovers of fast-announcer', found.announcer),
    checkOf('leftovers of a Kea per bridge', found.keas),
    ...(found.leftAlone.length === 0 ? [] : [uncertain(found.leftAlone)]),
  ]
}

function checkOf(name: string, leftovers: readonly Leftover[]): Check {
  if (leftovers.length === 0) return good(name, 'none')
  return doubtful(
    name,
    listed(leftovers),
    'Run guestnet clean-up, which shows them all before it removes any.',
  )
}

function uncertain(leftovers: readonly Leftover[]): Check {
  return doubtful(
    'rules and routes like fast-announcer’s',
    `${listed(leftovers)}: of no guest that is known, so guestnet clean-up leaves them alone`,
    'Name the folder of its files with --fast-announcer, or make sure they are meant.',
  )
}

const SHOWN = 3

function listed(leftovers: readonly Leftover[]): string {
  const shown = leftovers.slice(0, SHOWN).map(describeLeftover).join('; ')
  return leftovers.length <= SHOWN ? shown : `${shown} and ${leftovers.length - SHOWN} more`
}
