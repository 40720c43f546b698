import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describeWhole } from '../core/succession/describe.ts'
import { writeAcceptance } from '../pve/acceptance.ts'
import { print, printJson } from './exit.ts'
import { examples, formatOf, nodeVerb, requireRoot, settingsOf } from './options.ts'
import { follow, policyAt } from './policySuccession.ts'

/** `guestnet policy accept`: what the policy file says now comes into force on every node, whatever it takes away. */
export function acceptVerb() {
  const command = nodeVerb(
    'accept',
    'put the policy that waits in force, on all nodes, whatever it takes away',
  ).action(async () => {
    requireRoot('policy accept')
    const settings = settingsOf(command)
    // Else everybody would accept that there is no policy.
    if (!existsSync(join(settings.pveRoot, 'nodes'))) throw new Error(`${settings.pveRoot} is not mounted`)
    const { next, succession } = await follow(settings, policyAt(settings.config))
    writeAcceptance(settings.pveRoot, { digest: next.digest, time: Date.now() })
    if (formatOf(command) === 'json') printJson({ accepted: next.digest, cluster: succession.cluster })
    else print(`accepted for all nodes: ${next.digest} (${describeWhole(succession.cluster)})`)
  })
  return examples(
    command,
    'guestnet policy diff && guestnet policy accept',
    'guestnet policy accept --output json',
  )
}
