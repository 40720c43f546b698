import { utc } from '../core/text/utc.ts'
import { NO_FILE, PolicyHistory } from '../cycle/policyHistory.ts'
import { print, printJson } from './exit.ts'
import { examples, formatOf, nodeVerb, requireRoot, settingsOf } from './options.ts'
import { table } from './table.ts'

/** `guestnet policy history`: which policies were in force on this node, and where they are kept. */
export function historyVerb() {
  const command = nodeVerb('history', 'show which policies were in force on this node, the newest first', [
    'stateDir',
    'name',
  ]).action(() => {
    requireRoot('policy history')
    const history = new PolicyHistory(settingsOf(command)).read()
    if (formatOf(command) === 'json') return printJson(history.map(({ text: _, ...past }) => past))
    if (history.length === 0) return print('no policy was in force on this node yet')
    const rows = history.map(({ since, digest, path = '' }) => [
      utc(since),
      digest,
      digest === NO_FILE ? 'the defaults, without a file' : path,
    ])
    print(table([['IN FORCE SINCE', 'POLICY', 'KEPT AS'], ...rows]))
  })
  return examples(
    command,
    'guestnet policy history',
    'guestnet policy history --output json | jq -r ".[1].path" | xargs diff -u - /etc/pve/guestnet.yaml',
  )
}
