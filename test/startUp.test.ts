import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'

const SRC = join(import.meta.dirname, '..', 'src')

/** What is loaded with a file before anything of it runs: no types, and nothing that is imported where it is needed. */
function loadedWith(entry: string): { files: Set<string>; libraries: Set<string> } {
  const files = new Set([entry])
  const libraries = new Set<string>()
  for (const file of files) {
    for (const name of namesIn(readFileSync(join(SRC, file), 'utf8'))) {
      if (name.startsWith('.')) files.add(join(dirname(file), name))
      else if (!name.startsWith('node:')) libraries.add(name)
    }
  }
  return { files, libraries }
}

function namesIn(text: string): string[] {
  const statements = /^(?:import|export)\s(?!type\s)(?:[^'"]*?\sfrom\s)?['"]([^'"]+)['"]/gm
  return [...text.matchAll(statements)].flatMap(([, name]) => name ?? [])
}

/** Rooms in which nodes are looked at and changed. */
const WORKING = /^(?:cycle|http|doctor|kea|bird|nftables|iproute2)\//

test.each(['cli/main.ts', 'cli/hook.ts'])(
  'with %s, for which starts of guests wait, no library is loaded but that of the command line',
  entry => expect([...loadedWith(entry).libraries]).toEqual(['commander']),
)

test.each(['cli/hook.ts', 'cli/status.ts'])('with %s nothing is loaded that looks at the node', entry =>
  expect([...loadedWith(entry).files].filter(file => WORKING.test(file))).toEqual([]),
)

test('what is imported in another way is seen', () => {
  expect(loadedWith('cli/run.ts').libraries).toContain('fastify')
  expect(
    namesIn("import {\n  a,\n} from './a.ts'\nimport type { b } from './b.ts'\nimport './c.ts'\n"),
  ).toEqual(['./a.ts', './c.ts'])
})
