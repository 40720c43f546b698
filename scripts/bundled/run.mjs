// Runs one file of tests that was bundled with this, in this process, and tells each result once it is there.
import { startTests } from '@vitest/runner'
import { getNames, getSuites, getTests } from '@vitest/runner/utils'
import { PATIENCE } from '../../lab/patience.ts'

const MARKS = { pass: '✓', fail: '✗', skip: '-' }

function tell(test) {
  const { state, duration = 0, errors = [] } = test.result ?? { state: test.mode }
  const name = getNames(test).slice(1).join(' › ')
  console.log(`${MARKS[state] ?? '-'} ${name} (${Math.round(duration / 1000)} s)`)
  for (const { message, stack } of errors)
    console.log(stack?.includes(message) ? stack : `${message}\n${stack}`)
}

/** `load` imports the file. Ends this process, unsuccessfully unless there are tests and each has passed or is skipped. */
export async function run(name, load) {
  const [file] = await startTests([name], {
    config: {
      root: process.cwd(),
      setupFiles: [],
      passWithNoTests: false,
      allowOnly: false,
      sequence: { seed: 0, hooks: 'stack', setupFiles: 'list' },
      maxConcurrency: 1,
      testTimeout: 60_000 * PATIENCE,
      hookTimeout: 120_000 * PATIENCE,
      retry: 0,
      tags: [],
      strictTags: false,
    },
    importFile: load,
    onAfterRunTask: tell,
  })
  const results = getTests(file).map(test => test.result?.state ?? test.mode)
  const count = state => results.filter(result => result === state).length
  // Where a hook fails, its tests count as skipped.
  for (const { result } of getSuites(file))
    for (const { message, stack } of result?.errors ?? []) console.log(stack ?? message)
  const others = results.length - count('pass') - count('skip')
  console.log(`${name}: ${count('pass')} passed, ${others} failed, ${count('skip')} skipped`)
  const isWell = others === 0 && results.length > 0 && file.result?.state !== 'fail'
  // Sockets and children of a test that failed may hold the process.
  process.exit(isWell ? 0 : 1)
}
