import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SERVER_LINK } from '../../src/core/dhcp/slot.ts'
import { run } from '../../src/os/program.ts'
import { nodeCases, planNode } from '../nodes.ts'

/** What Kea finds in a slot, in namespaces that end with it: its link, its folders, and the configurations to check. */
const CHECK = `set -e
ip link add ${SERVER_LINK} type veth
mount --bind "$1" /etc/kea
mount -t tmpfs -o mode=750 tmpfs /var/lib/kea
mount -t tmpfs tmpfs /run
mkdir -m 750 /run/kea
mkdir -p /run/lock/kea
for config in /etc/kea/*.conf; do kea-dhcp4 -t "$config" 2>&1; done
`

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'guestnet-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** Has the real Kea check configurations; says why it refuses one. */
async function check(name: string, configs: readonly string[]) {
  const checked = join(folder, name)
  mkdirSync(checked)
  for (const [index, config] of configs.entries()) {
    writeFileSync(join(checked, `kea-dhcp4-${index}.conf`), config)
  }
  return await run('unshare', ['--net', '--mount', 'sh', '-c', CHECK, 'sh', checked])
}

describe('every configuration that the cases of test/fixtures/nodes lead to is accepted by kea-dhcp4', () => {
  test.each(nodeCases())('%s', async name => {
    const { configs } = await planNode(name)
    if (configs.size === 0) return
    expect(await check(name, [...configs.values()])).toMatchObject({ ok: true })
  })
})

test('the check would notice: a configuration with the same address twice is refused', async () => {
  const { configs } = await planNode('plain')
  const broken = [...configs.values()].map(config => config.replaceAll('192.0.2.11"', '192.0.2.10"'))
  expect(await check('broken', broken)).toMatchObject({ ok: false })
})
