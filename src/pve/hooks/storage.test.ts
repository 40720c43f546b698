import { describe, expect, test } from 'vitest'
import { isEverywhere, parseStorages, snippetsFolder } from './storage.ts'

const CONFIG = `dir: local
\tpath /var/lib/vz
\tcontent iso,vztmpl,backup
\tprune-backups keep-all=1

lvmthin: local-lvm
\tthinpool data
\tvgname pve
\tcontent rootdir,images

nfs: templates
\texport /srv
\tserver 192.0.2.5
\tcontent snippets
\tnodes pve1,pve2
\tcontent-dirs iso=images,snippets=hooks

dir: plain
\tpath /srv/plain
\tshared 1
\tdisable
`

const storages = parseStorages(CONFIG)

describe('storage.cfg', () => {
  test('is read into storages', () => {
    expect([...storages.keys()]).toEqual(['local', 'local-lvm', 'templates', 'plain'])
    expect(storages.get('local')).toEqual({
      name: 'local',
      type: 'dir',
      path: '/var/lib/vz',
      folder: 'snippets',
      content: ['iso', 'vztmpl', 'backup'],
      isShared: false,
      isDisabled: false,
    })
    expect(storages.get('plain')).toMatchObject({
      isShared: true,
      isDisabled: true,
      content: ['images', 'rootdir'],
    })
  })

  test.each([
    ['local', '/var/lib/vz/snippets'],
    ['local-lvm', undefined],
    ['templates', '/mnt/pve/templates/hooks'],
  ])('%s has its snippets in %s', (name, folder) => {
    const storage = storages.get(name)
    expect(storage && snippetsFolder(storage)).toBe(folder)
  })

  test.each([
    ['local', ['pve1'], true],
    ['local', ['pve1', 'pve2'], false],
    ['templates', ['pve1', 'pve2'], true],
    ['templates', ['pve1', 'pve2', 'pve3'], false],
    ['plain', ['pve1', 'pve2'], true],
  ])('a file on %s is on all of %s: %s', (name, nodes, expected) => {
    const storage = storages.get(name)
    expect(storage && isEverywhere(storage, nodes)).toBe(expected)
  })
})
