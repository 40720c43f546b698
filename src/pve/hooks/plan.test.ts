import { describe, expect, test } from 'vitest'
import type { Vmid } from '../../core/guest/names.ts'
import { type HookWorld, planInstall, planRemove } from './plan.ts'
import { chainScript, hookScript } from './script.ts'
import { describeStep } from './step.ts'
import { parseStorages } from './storage.ts'

const FOLDER = '/var/lib/vz/snippets'
const CONTENT = 'iso,backup,snippets'

interface Given {
  readonly hookscript?: string
  readonly files?: Readonly<Record<string, string>>
  readonly nodes?: readonly string[]
  readonly content?: string
}

/** One VM, 100, on pve1; the shared script is already there. */
function world({ hookscript, files = {}, nodes = ['pve1'], content = CONTENT }: Given = {}): HookWorld {
  const known: Readonly<Record<string, string>> = { [`${FOLDER}/guestnet-hook`]: hookScript(), ...files }
  return {
    node: 'pve1',
    nodes,
    storages: parseStorages(
      `dir: local\n\tpath /var/lib/vz\n\tcontent ${content}\n\nlvm: disks\n\tvgname pve\n`,
    ),
    guests: [{ type: 'qemu', vmid: 100 as Vmid, ...(hookscript === undefined ? {} : { hookscript }) }],
    read: path => known[path],
  }
}

const OPTIONS = { wanted: [100 as Vmid], storage: 'local', everywhere: false }

function install(given: Given, options: Partial<typeof OPTIONS> = {}) {
  const { steps, refusals } = planInstall(world(given), { ...OPTIONS, ...options })
  return { steps: steps.map(describeStep), refusals }
}

function remove(given: Given) {
  const { steps, refusals } = planRemove(world(given), [100 as Vmid])
  return { steps: steps.map(describeStep), refusals }
}

const OWN = { hookscript: 'local:snippets/own.pl', files: { [`${FOLDER}/own.pl`]: '#!/usr/bin/perl' } }
const CHAINED = {
  hookscript: 'local:snippets/guestnet-hook-100',
  files: { [`${FOLDER}/guestnet-hook-100`]: chainScript('local:snippets/own.pl', `${FOLDER}/own.pl`) },
}

describe('install', () => {
  test('sets the script for a guest that has none', () => {
    expect(install({})).toEqual({
      steps: ['qm set 100 --hookscript local:snippets/guestnet-hook'],
      refusals: [],
    })
  })

  test('writes the script where it is missing or another', () => {
    const stale = { files: { [`${FOLDER}/guestnet-hook`]: 'stale' } }
    expect(install(stale, { wanted: [] })).toEqual({ steps: [`write ${FOLDER}/guestnet-hook`], refusals: [] })
  })

  test('chains the hookscript a guest has', () => {
    expect(install(OWN).steps).toEqual([
      `write ${FOLDER}/guestnet-hook-100`,
      'qm set 100 --hookscript local:snippets/guestnet-hook-100',
    ])
  })

  test.each([{ hookscript: 'local:snippets/guestnet-hook' }, CHAINED])(
    'has nothing to do twice: %o',
    given => {
      expect(install(given)).toEqual({ steps: [], refusals: [] })
    },
  )

  test('refuses a storage that is not for snippets, with the command that makes it one', () => {
    expect(install({ content: 'iso,vztmpl,backup' })).toMatchObject({
      steps: [],
      refusals: [{ remedy: 'Allow it: pvesm set local --content iso,vztmpl,backup,snippets' }],
    })
  })

  test.each([
    ['nowhere', 'there is no storage nowhere'],
    ['disks', 'of type lvm, which holds no snippets'],
  ])('refuses storage %s', (storage, reason) => {
    expect(install({}, { storage })).toMatchObject({
      steps: [],
      refusals: [{ reason: expect.stringContaining(reason) }],
    })
  })

  test('refuses what other nodes may lack, unless somebody vouches for it', () => {
    const cluster = { nodes: ['pve1', 'pve2', 'pve3'] }
    expect(install(cluster)).toMatchObject({
      steps: [],
      refusals: [{ reason: expect.stringContaining('pve2, pve3 may lack the script') }],
    })
    expect(install(cluster, { everywhere: true }).steps).toHaveLength(1)
    expect(install(cluster, { wanted: [] }).refusals).toEqual([])
  })

  test('refuses to chain what it cannot find', () => {
    expect(install({ hookscript: 'local:snippets/gone.pl' })).toMatchObject({
      steps: [],
      refusals: [{ vmid: 100, reason: expect.stringContaining('local:snippets/gone.pl cannot be read') }],
    })
  })

  test('refuses guests of other nodes', () => {
    expect(install({}, { wanted: [200 as Vmid] })).toMatchObject({
      refusals: [{ vmid: 200, reason: 'it is not on node pve1' }],
    })
  })
})

describe('remove', () => {
  test.each([
    [
      'takes away a script that was alone',
      { hookscript: 'local:snippets/guestnet-hook' },
      'qm set 100 --delete hookscript',
    ],
    ['sets what was chained', CHAINED, 'qm set 100 --hookscript local:snippets/own.pl'],
  ])('%s', (_, given, step) => {
    expect(remove(given)).toEqual({ steps: [step], refusals: [] })
  })

  test.each([{}, OWN])('leaves alone what is not ours: %o', given => {
    expect(remove(given)).toEqual({ steps: [], refusals: [] })
  })

  test('refuses where it cannot tell what was before', () => {
    expect(remove({ hookscript: 'local:snippets/guestnet-hook-100' })).toMatchObject({
      steps: [],
      refusals: [{ vmid: 100, remedy: 'Copy it from a node that has it.' }],
    })
  })
})
