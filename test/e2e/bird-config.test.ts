import { writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Lab } from '../../lab/lab.ts'
import { renderSnippet } from '../../src/bird/external.ts'
import { renderFiles } from '../../src/bird/files.ts'
import { birdPaths } from '../../src/bird/paths.ts'
import { renderRevision } from '../../src/bird/revision.ts'
import type { Announcement } from '../../src/core/announcing/announcement.ts'
import type { BirdSettings } from '../../src/core/announcing/birdSettings.ts'
import { ExportRule } from '../../src/core/policy/exportRule.ts'
import { run } from '../../src/os/program.ts'
import { announcingCases, planNode } from '../nodes.ts'
import { address, announcement, fileIn, GUEST_100, NODE_AS, peer, settings } from './birdWorld.ts'

let lab: Lab
beforeAll(async () => {
  lab = await Lab.create({ prefix: 'birdconf' })
})
afterAll(() => lab?.close())

/** Has the real BIRD check a configuration; what it says when it refuses it, nothing when it accepts it. */
async function check(
  given: Partial<BirdSettings>,
  announcements: readonly Announcement[] = GUEST_100,
): Promise<string> {
  const paths = birdPaths(lab.dir)
  lab.folder('bird')
  const files = renderFiles(settings(given), announcements, paths)
  writeFileSync(paths.revision, renderRevision(files))
  for (const name of ['config', 'guests4', 'guests6'] as const) writeFileSync(paths[name], files[name])
  return await verdict(paths.config)
}

async function verdict(file: string): Promise<string> {
  const outcome = await run('bird', ['-p', '-c', file])
  return outcome.ok ? '' : `${outcome.stderr}\n${outcome.reason}`
}

const numbered = { address: address('2001:db8::2') }

describe('every kind of configuration is accepted by bird', () => {
  test.each<[string, Partial<BirdSettings>]>([
    ['nothing may leave', { prefixes: [] }],
    ['no peers', { peers: [] }],
    ['draining', { drain: true }],
    ['the best default route alone', { multipath: 1 }],
    ['another port', { localPort: 1790 }],
    ['over IPv4', { peers: [peer({ address: address('192.0.2.2') })] }],
    ['IPv4 alone', { peers: [peer({ ...numbered, families: ['ipv4'] })] }],
    ['link-local', { peers: [peer({ address: address('fe80::2'), interface: 'eno1.5' })] }],
    ['unnumbered', { peers: [peer({ interface: 'eno1.5', bfd: true, password: 'x' })] }],
    ['some hops away over IPv4', { peers: [peer({ address: address('192.0.2.2'), multihop: 3 })] }],
    ['some hops away over IPv6', { peers: [peer({ ...numbered, multihop: 255, bfd: true })] }],
    [
      'with everything',
      {
        peers: [
          peer({
            ...numbered,
            multihop: 3,
            localAddress: address('2001:db8::1'),
            bfd: true,
            password: "p'a ;{}#/*",
            holdTime: 3,
            port: 1179,
            ttlSecurity: true,
            defaultRoute: false,
          }),
        ],
      },
    ],
    [
      'names that mean something to BIRD',
      {
        peers: ['s', 'ms', 'peer', 'table', 'guests4', 'a-b', 'a_b', 'x'.repeat(90)].map((name, index) =>
          peer({ name, address: address(`2001:db8::${index + 2}`) }),
        ),
      },
    ],
    [
      'rules for networks, guests and peers',
      {
        exports: [
          { bridge: 'vmbr0', communities: ['65000:100', '65000:1:2'], prepend: 2 },
          { bridge: 'vmbr0', tag: 5, vmids: [100, '200-299'], onlyTo: ['rtr01'] },
          { vmids: [100], peers: ['rtr01'], med: 50, localPreference: 200, prepend: 1 },
          { vmids: ['300-399'], onlyTo: ['rtr02'], med: 0 },
        ].map(rule => ExportRule.parse(rule)),
        peers: ['rtr01', 'rtr02', 'rtr03'].map((name, index) =>
          peer({ name, address: address(`2001:db8::${index + 2}`), as: name === 'rtr03' ? NODE_AS : 65000 }),
        ),
      },
    ],
    ['the same AS', { peers: [peer({ ...numbered, as: 4220000001 })] }],
  ])('%s', async (_, given) => expect(await check(given)).toBe(''))

  test('black holes', async () => {
    const holes = GUEST_100.map(one => ({ ...one, blackhole: 1_900_000_000 }))
    expect(await check({}, holes)).toBe('')
  })

  test('thousands of guests', async () => {
    const many = Array.from({ length: 5000 }, (_, index) =>
      announcement(`10.0.${index >> 8}.${index & 255}/32`, 100 + index, ['65000:1', '65000:1:2']),
    )
    expect(await check({}, many)).toBe('')
  })
})

describe('every configuration that the cases of test/fixtures/nodes lead to is accepted by bird', () => {
  test.each(announcingCases())('%s', async name => {
    const { bird } = await planNode(name)
    if (!bird) throw new Error('the case has no peers')
    expect(await check(bird.settings, bird.announcements)).toBe('')
  })
})

test('the check would notice: a hold time that BGP does not allow', async () => {
  expect(await check({ peers: [peer({ ...numbered, holdTime: 2 })] })).toContain('Hold time must be in range')
})

test.each([
  { what: 'with prefixes', prefixes: settings().prefixes },
  { what: 'without any', prefixes: [] },
])('what an administrator’s own BIRD is told is accepted $what', async ({ prefixes }) => {
  const snippet = renderSnippet('bird', { mark: 103, table: 100, as: 65001, prefixes })
  const config = fileIn(lab, 'own', 'bird.conf', `router id 192.0.2.1;\n${snippet}`)
  expect(await verdict(config)).toBe('')
})
