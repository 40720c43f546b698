import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { familyOfServer, type ServerId } from '../../src/core/dhcp/serverId.ts'
import { SERVER_LINK } from '../../src/core/dhcp/slot.ts'
import { KEA } from '../../src/kea/daemons.ts'
import { hooksFolder } from '../../src/kea/directories.ts'
import { renderSpare } from '../../src/kea/spare.ts'
import { run } from '../../src/os/program.ts'
import { nodeCases, planNode } from '../nodes.ts'

/**
 * What Kea finds in a slot, in namespaces that end with it: its link, its folders, and the configurations to check. The
 * machine's own folders of Kea appear with the first start of Debian's service, so they may be missing.
 */
const CHECK = `set -e
exec >&2
ip link add ${SERVER_LINK} type veth
mount --bind "$1" /etc/kea
for folder in /run /var/lib /var/log; do mount -t tmpfs -o mode=755 tmpfs $folder; done
mkdir -m 750 /run/kea /var/lib/kea /var/log/kea
mkdir -p /run/lock/kea
for config in /etc/kea/*.conf; do $(basename "$config" | cut -d _ -f 1) -t "$config"; done
`

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'guestnet-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** Has the real Kea check configurations; what it says when it refuses one, nothing when it accepts them all. */
async function check(name: string, configs: ReadonlyMap<ServerId, string>): Promise<string> {
  const checked = join(folder, name)
  mkdirSync(checked)
  for (const [server, config] of configs) {
    const { program } = KEA[familyOfServer(server)]
    writeFileSync(join(checked, `${program}_${server}.conf`), config)
  }
  const outcome = await run('unshare', ['--net', '--mount', 'sh', '-c', CHECK, 'sh', checked])
  return outcome.ok ? '' : `${outcome.stderr}\n${outcome.reason}`
}

describe('every configuration that the cases of test/fixtures/nodes lead to is accepted by Kea', () => {
  test.each(nodeCases())('%s', async name => {
    const { configs } = await planNode(name)
    if (configs.size === 0) return
    expect(await check(name, configs)).toBe('')
  })
})

test('what a spare Kea is started with is accepted by Kea', async () => {
  const configs = new Map<ServerId, string>([
    ['dhcp4-1', renderSpare('ipv4', hooksFolder())],
    ['dhcp6-1', renderSpare('ipv6', hooksFolder())],
  ])
  expect(await check('spare', configs)).toBe('')
})

test('the check would notice: a configuration with the same address twice is refused', async () => {
  const { configs } = await planNode('plain')
  const broken = new Map(
    [...configs].map(([server, config]) => [server, config.replaceAll('192.0.2.11"', '192.0.2.10"')]),
  )
  expect(await check('broken', broken)).toContain('already a reservation for this address')
})
