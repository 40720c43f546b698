import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { debianChangelog } from '../packaging/changelog.ts'
import { bashCompletion } from '../packaging/completion/bash.ts'
import { fishCompletion } from '../packaging/completion/fish.ts'
import { zshCompletion } from '../packaging/completion/zsh.ts'
import { manPage } from '../packaging/manPage.ts'
import { type JsonSchema, policyKeys, policyPage } from '../packaging/policyPage.ts'
import { verbsOf } from '../packaging/verbs.ts'
import { makeProgram } from '../src/cli/program.ts'
import { parsePolicy } from '../src/core/policy/policy.ts'

const program = await makeProgram('1.2.3')
const verbs = verbsOf(program)

test('verbs within verbs are found, and none twice', () => {
  const names = verbs.map(({ words }) => words.join(' '))
  expect(names).toEqual(expect.arrayContaining(['run', 'bgp config', 'hook', 'hook install']))
  expect(new Set(names).size).toBe(names.length)
})

test('the man page has each verb, each option and each example of --help', () => {
  const page = manPage(program, verbs, { version: '1.2.3', date: '2026-01-02' }).replaceAll('\\-', '-')
  const wanted = verbs.flatMap(({ usage, options, examples }) => [
    `\\fBguestnet ${usage}\\fR`,
    ...options.map(({ flags }) => `\\fB${flags}\\fR`),
    ...examples.map(example => example.replaceAll('\\', '\\e').replaceAll('’', '\\(cq')),
  ])
  expect(wanted.filter(text => !page.includes(text))).toEqual([])
})

const SCHEMA = JSON.parse(readFileSync('docs/policy.schema.json', 'utf8')) as JsonSchema
const EXAMPLE = readFileSync('packaging/guestnet.yaml', 'utf8')

test('the example of a policy is one', () => {
  expect(parsePolicy(EXAMPLE, 'guestnet.yaml')).toMatchObject({ ok: true })
})

test('the man page of the policy has each key that docs/policy.md explains, once', () => {
  const page = policyPage(SCHEMA, { version: '1.2.3', date: '2026-01-02', example: EXAMPLE })
  const keys = policyKeys(SCHEMA).map(({ path }) => path)
  expect(keys).toEqual(
    expect.arrayContaining(['dhcp.lease', 'announce.networks[].prefixes', 'bgp.peers[].password']),
  )
  expect(new Set(keys).size).toBe(keys.length)
  expect(keys.filter(key => !page.includes(`\\fB${key}\\fR`))).toEqual([])
})

test('each shell completes each option', () => {
  const options = [...new Set(verbs.flatMap(({ options }) => options.flatMap(({ long }) => long ?? [])))]
  for (const complete of [bashCompletion, zshCompletion]) {
    const script = complete(verbs)
    expect(options.filter(option => !script.includes(option))).toEqual([])
  }
  const fish = fishCompletion(verbs)
  expect(options.filter(option => !fish.includes(`-l ${option.replace('--', '')} `))).toEqual([])
})

/** What bash offers after these words, the last of which is begun; what bash-completion brings is a few lines here. */
function offered(...words: string[]): string[] {
  const script = `
    _init_completion() { words=("\${given[@]}"); cword=$((\${#given[@]} - 1)); cur=\${given[cword]}; prev=\${given[cword - 1]}; }
    _filedir() { COMPREPLY=(a-file); }
    complete() { :; }
    ${bashCompletion(verbs)}
    given=("$@")
    _guestnet
    printf '%s\\n' "\${COMPREPLY[@]}"`
  const { stdout, stderr } = spawnSync('bash', ['-c', script, 'bash', ...words], { encoding: 'utf8' })
  expect(stderr).toBe('')
  return stdout.split('\n').filter(word => word !== '')
}

test.each([
  { words: ['guestnet', 'dra'], offers: ['drain'] },
  { words: ['guestnet', 'hook', ''], offers: ['install', 'remove', '--help'] },
  { words: ['guestnet', 'hook', 'install', '--sto'], offers: ['--storage'] },
  { words: ['guestnet', 'run', '--watch', ''], offers: ['auto', 'poll'] },
  { words: ['guestnet', 'bgp', 'config', '--for', 'f'], offers: ['frr', 'frr8'] },
  { words: ['guestnet', 'parse', ''], offers: ['a-file'] },
])('bash offers $offers after $words', ({ words, offers }) => {
  expect(offered(...words)).toEqual(offers)
})

test('the changelog of the package has released versions and the one that is being made', () => {
  const markdown = '# Changelog\n\n## Unreleased\n\n- One\n  two.\n\n## 0.1.0 (2026-01-02)\n\n- Three.\n'
  expect(debianChangelog(markdown, { version: '0.2.0', date: 'Sat, 03 Jan 2026 00:00:00 +0000' })).toBe(
    `guestnet (0.2.0) unstable; urgency=medium

  * One two.

 -- The guestnet authors <authors@guestnet.invalid>  Sat, 03 Jan 2026 00:00:00 +0000

guestnet (0.1.0) unstable; urgency=medium

  * Three.

 -- The guestnet authors <authors@guestnet.invalid>  Fri, 02 Jan 2026 00:00:00 +0000
`,
  )
})
