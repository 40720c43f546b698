import { linkNameOf } from '../core/guest/links.ts'
import type { Vmid } from '../core/guest/names.ts'
import { releasesOf } from '../core/ruling/release.ts'
import { Reader } from '../cycle/read.ts'
import { observeLinks } from '../iproute2/links.ts'
import { Holders, writeReleases } from '../pve/holders.ts'
import { complain, EXIT, print, printJson } from './exit.ts'
import { examples, formatOf, nodeVerb, requireRoot, settingsOf } from './options.ts'
import { vmidArgument } from './vmidArgument.ts'

/** `guestnet release VMID`: a guest that is away keeps nothing; who runs may have its addresses at once. */
export function releaseVerb() {
  const command = nodeVerb(
    'release',
    'let others have the addresses of a guest that does not run, without waiting for the time of grace',
  )
    .argument('<vmid>', 'the guest that is to let go', vmidArgument)
    .action(async (vmid: Vmid) => {
      requireRoot('release')
      const settings = settingsOf(command)
      const reading = await new Reader(settings).read()
      const guest = reading.guests.find(candidate => candidate.vmid === vmid)
      const links = await observeLinks()
      const isHere = guest?.nics.some(({ index }) => links.has(linkNameOf(guest, index))) === true
      const runsElsewhere = guest && guest.node !== settings.node && reading.running?.has(vmid)
      if (isHere || runsElsewhere) {
        complain(`guest ${vmid} runs, and keeps what it holds as long as it does; stop it first`)
        process.exitCode = EXIT.error
        return
      }
      const releases = releasesOf(vmid, {
        guests: reading.guests,
        records: await new Holders(settings.pveRoot).observe(),
        node: settings.node,
        now: Math.floor(Date.now() / 1000),
      })
      writeReleases(settings.pveRoot, releases)
      const released = [...new Set(releases.map(({ place }) => place))]
      if (formatOf(command) === 'json') printJson({ vmid, released })
      else if (released.length === 0) print(`guest ${vmid} holds nothing that another guest wants`)
      else for (const place of released) print(`guest ${vmid} lets go of ${place}`)
    })
  return examples(command, 'guestnet release 101', 'guestnet release 101 --output json')
}
