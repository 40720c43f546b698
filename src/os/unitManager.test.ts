import { expect, test } from 'vitest'
import { inUnit } from './unitManager.ts'

test('a unit outlives its client, waits for nobody and is gone when it has ended', () => {
  const unit = {
    name: 'guestnet-kea-1',
    description: 'Kea for guests',
    properties: ['ProtectHome=yes', 'CapabilityBoundingSet=CAP_NET_RAW CAP_CHOWN'],
    environment: { KEA_LOCKFILE_DIR: '/run/lock/kea' },
  }
  const words = inUnit(unit, ['kea-dhcp4', '-c', '/etc/kea/kea-dhcp4.conf'])
  expect(words).toEqual([
    ...['systemd-run', '--quiet', '--collect', '--wait', '--pipe', '--service-type=exec'],
    ...['--unit=guestnet-kea-1', '--description=Kea for guests'],
    ...['--property=ProtectHome=yes', '--property=CapabilityBoundingSet=CAP_NET_RAW CAP_CHOWN'],
    ...['--setenv=KEA_LOCKFILE_DIR=/run/lock/kea', '--'],
    ...['kea-dhcp4', '-c', '/etc/kea/kea-dhcp4.conf'],
  ])
})

test('what a shell is to replace is left to it', () => {
  const words = inUnit({ name: 'a', description: 'b', properties: [] }, ['sh', '-c', 'echo $$ >"$1"'])
  expect(words.slice(-3)).toEqual(['sh', '-c', 'echo $$$$ >"$$1"'])
})
