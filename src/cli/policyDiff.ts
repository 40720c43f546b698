import { describeExcess, describeWhole } from '../core/succession/describe.ts'
import type { Loss } from '../core/succession/loss.ts'
import type { Succession } from '../core/succession/succession.ts'
import { utc } from '../core/text/utc.ts'
import { exists } from '../os/files.ts'
import { EXIT, print, printJson } from './exit.ts'
import { examples, formatOf, nodeVerb, requireRoot, settingsOf } from './options.ts'
import { type Followed, follow, policyAt } from './policySuccession.ts'

/** `guestnet policy diff`: what a policy would take away and give if it followed the one in force here. */
export function diffVerb() {
  const command = nodeVerb(
    'diff',
    'show what a policy would take away and give (exit status: 0 it comes into force by itself, 2 it waits for guestnet policy accept, 1 error)',
  )
    .argument('[file]', 'the policy (default: the one of the cluster, where it waits)')
    .action(async (file: string | undefined) => {
      requireRoot('policy diff')
      const settings = settingsOf(command)
      // A name that is misspelt is not a policy that is to be removed.
      if (file !== undefined && !exists(file)) throw new Error(`${file} does not exist`)
      const followed = await follow(settings, policyAt(file ?? settings.config))
      if (formatOf(command) === 'json') printJson(inJson(followed))
      else print(describe(followed))
      process.exitCode = followed.waits ? EXIT.changes : EXIT.ok
    })
  return examples(
    command,
    'guestnet policy diff ./guestnet.yaml',
    'guestnet policy diff --output json ./guestnet.yaml | jq .cluster',
  )
}

function inJson({ former, next, succession, waits }: Followed) {
  const { cluster, nodes } = succession
  return {
    inForce: { digest: former.digest, since: former.since },
    digest: next.digest,
    waits,
    ...reasonOf(succession, former),
    cluster,
    nodes: Object.fromEntries(nodes),
  }
}

function describe({ former, next, succession, waits }: Followed): string {
  if (former.digest === next.digest) return `this is the policy in force since ${utc(former.since)}`
  const { cluster, nodes } = succession
  const { reason } = reasonOf(succession, former)
  return [
    `compared with the policy in force on this node since ${utc(former.since)}, and counting every guest, running or not:`,
    `cluster: ${describeWhole(cluster)}`,
    ...[...nodes].flatMap(([node, loss]) =>
      changesAnything(loss) ? [`node ${node}: ${describeWhole(loss)}`] : [],
    ),
    ...listed('guests no longer served', cluster.guests.lost),
    ...listed('prefixes withdrawn', cluster.prefixes.lost),
    ...(waits
      ? [`it waits for "guestnet policy accept": ${reason ?? 'a policy file that is gone always does'}`]
      : []),
  ].join('\n')
}

function reasonOf({ waits }: Succession, { policy }: Followed['former']): { reason?: string } {
  return waits ? { reason: describeExcess(waits, policy.changes) } : {}
}

function changesAnything({ guests, prefixes, sessions }: Loss): boolean {
  const lists = [
    guests.lost,
    guests.gained,
    prefixes.lost,
    prefixes.gained,
    sessions.ended,
    sessions.restarted,
  ]
  return lists.some(list => list.length > 0)
}

/** As many as one line holds; JSON has them all. */
const FEW = 8

function listed(what: string, all: readonly (string | number)[]): string[] {
  if (all.length === 0) return []
  const rest = all.length > FEW ? `, and ${all.length - FEW} more (--output json)` : ''
  return [`${what}: ${all.slice(0, FEW).join(', ')}${rest}`]
}
