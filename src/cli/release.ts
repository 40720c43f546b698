import { InvalidArgumentError } from 'commander'
import { linkNameOf } from '../core/guest/links.ts'
import { parseVmid, type Vmid } from '../core/guest/names.ts'
import { claimsOf } from '../core/ruling/claim.ts'
import { placesOfClaim } from '../core/ruling/ruling.ts'
import { Reader } from '../cycle/read.ts'
import { observeLinks } from '../iproute2/links.ts'
import { releaseHolder } from '../pve/holders.ts'
import { complain, EXIT, print, printJson } from './exit.ts'
import { examples, formatOf, nodeVerb, settingsOf } from './options.ts'

/** `guestnet release VMID`: a guest that is away keeps nothing; who runs may have its addresses at once. */
export function releaseVerb() {
  const command = nodeVerb(
    'release',
    'let others have the addresses of a guest that does not run, without waiting for the time of grace',
  )
    .argument('<vmid>', 'the guest that is to let go', vmidArgument)
    .action(async (vmid: Vmid) => {
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
      const wanted = new Set(
        reading.guests
          .filter(other => other.vmid !== vmid)
          .flatMap(other => claimsOf(other).flatMap(placesOfClaim)),
      )
      const places = guest
        ? claimsOf(guest)
            .flatMap(placesOfClaim)
            .filter(place => wanted.has(place))
        : []
      const released = releaseHolder(settings, vmid, places)
      if (formatOf(command) === 'json') printJson({ vmid, released })
      else if (released.length === 0) print(`guest ${vmid} holds nothing that another guest wants`)
      else for (const place of released) print(`guest ${vmid} lets go of ${place}`)
    })
  return examples(command, 'guestnet release 101', 'guestnet release 101 --output json')
}

function vmidArgument(text: string): Vmid {
  const vmid = parseVmid(text)
  if (vmid === undefined) throw new InvalidArgumentError('It must be the number of a guest.')
  return vmid
}
