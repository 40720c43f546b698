import { expect, test } from 'vitest'
import { inUnit } from './unitManager.ts'

test('a unit outlives its client, waits for nobody and is gone when it has ended', () => {
  const words = inUnit({
    name: 'guestnet-kea-1',
    description: 'Kea for guests',
    properties: ['ProtectHome=yes', 'CapabilityBoundingSet=CAP_NET_RAW CAP_CHOWN'],
    environment: { KEA_LOCKFILE_DIR: '/run/lock/kea' },
  })
  expect(words).toEqual([
    ...['systemd-run', '--quiet', '--collect', '--wait', '--pipe', '--service-type=exec'],
    ...['--unit=guestnet-kea-1', '--description=Kea for guests'],
    ...['--property=ProtectHome=yes', '--property=CapabilityBoundingSet=CAP_NET_RAW CAP_CHOWN'],
    ...['--setenv=KEA_LOCKFILE_DIR=/run/lock/kea', '--'],
  ])
})
