// Writes what is made from other sources into a folder: of the program its man page, shell completions and
// hookscript; of the policy's schema the other man page; of CHANGELOG.md Debian's changelog.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { makeProgram } from '../src/cli/program.ts'
import { hookScript } from '../src/pve/hooks/script.ts'
import { debianChangelog } from './changelog.ts'
import { bashCompletion } from './completion/bash.ts'
import { fishCompletion } from './completion/fish.ts'
import { zshCompletion } from './completion/zsh.ts'
import { manPage } from './manPage.ts'
import { type JsonSchema, policyPage } from './policyPage.ts'
import { verbsOf } from './verbs.ts'

const [folder = 'dist/documents', version = '0', seconds = '0'] = process.argv.slice(2)
const built = new Date(Number(seconds) * 1000)
const program = await makeProgram(version)
const verbs = verbsOf(program)

const about = { version, date: built.toISOString().slice(0, 10) }
const read = (path: string) => readFileSync(path, 'utf8')
const schema = read('docs/policy.schema.json')

const documents = {
  'guestnet.8': manPage(program, verbs, about),
  'guestnet.yaml.5': policyPage(JSON.parse(schema) as JsonSchema, {
    ...about,
    example: read('packaging/guestnet.yaml').trim(),
  }),
  'policy.schema.json': schema,
  'completions/guestnet': bashCompletion(verbs),
  'guestnet.fish': fishCompletion(verbs),
  _guestnet: zshCompletion(verbs),
  hookscript: hookScript(),
  'debian/changelog': debianChangelog(read('CHANGELOG.md'), {
    version,
    date: built.toUTCString().replace('GMT', '+0000'),
  }),
}

for (const [name, text] of Object.entries(documents)) {
  const path = join(folder, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}
