import { rmSync } from 'node:fs'
import { describeWhole } from '../core/succession/describe.ts'
import { utc } from '../core/text/utc.ts'
import { policyIn, type ValidPolicy, WITHOUT_FILE } from '../cycle/policyFile.ts'
import { digestOf, type PastPolicy, PolicyHistory } from '../cycle/policyHistory.ts'
import { readText, writeAtomically } from '../os/files.ts'
import { writeAcceptance } from '../pve/acceptance.ts'
import { print, printJson } from './exit.ts'
import { examples, formatOf, nodeVerb, requireRoot, settingsOf } from './options.ts'
import { follow } from './policySuccession.ts'

/** `guestnet policy rollback`: writes the file as it was, for all nodes, and accepts that. */
export function rollbackVerb() {
  const command = nodeVerb(
    'rollback',
    'put back the policy file that was in force before the one there is now, and accept it for all nodes',
  )
    .argument('[policy]', 'which one, as guestnet policy history names it (default: the newest that differs)')
    .action(async (wanted: string | undefined) => {
      requireRoot('policy rollback')
      const settings = settingsOf(command)
      const file = readText(settings.config)
      if (!file.ok && !file.absent) throw new Error(`the policy cannot be read: ${file.reason}`)
      const past = chosenFrom(new PolicyHistory(settings).read(), file.ok ? file.text : undefined, wanted)
      const { succession } = await follow(settings, validOf(past))
      // First: the file alone would wait where it takes much away.
      writeAcceptance(settings.pveRoot, { digest: past.digest, time: Date.now() })
      if (past.text === undefined) rmSync(settings.config, { force: true })
      else writeAtomically(settings.config, past.text)
      if (formatOf(command) === 'json') printJson({ restored: past.digest, cluster: succession.cluster })
      else
        print(
          `restored for all nodes: ${past.digest}, in force here since ${utc(past.since)} (${describeWhole(succession.cluster)})`,
        )
    })
  return examples(command, 'guestnet policy rollback', 'guestnet policy rollback 3f2a91c0d4e5b6a7')
}

function chosenFrom(
  history: readonly PastPolicy[],
  current: string | undefined,
  wanted: string | undefined,
): PastPolicy {
  const digest = digestOf(current)
  const chosen =
    wanted === undefined
      ? history.find(past => past.digest !== digest)
      : history.find(past => past.digest.startsWith(wanted))
  if (chosen) return chosen
  throw new Error(
    wanted === undefined
      ? 'no other policy was in force on this node before; see guestnet policy history'
      : `no policy ${wanted} was in force on this node; see guestnet policy history`,
  )
}

function validOf({ text }: PastPolicy): ValidPolicy {
  if (text === undefined) return WITHOUT_FILE
  const found = policyIn(text, 'history')
  if (found.kind === 'valid') return found.valid
  throw new Error('this version of guestnet does not understand that policy any more')
}
