import { expect, test } from 'vitest'
import { guestsInput, linksOf, macOf, notesOf, vm } from '../../../test/builders.ts'
import type { Guest } from '../guest/guest.ts'
import { AnnouncePolicy } from '../policy/announce.ts'
import { judgeBy } from './candidates.ts'
import { contextOf, type GuestsInput } from './context.ts'
import { networksOnDevices } from './networkOnDevice.ts'

const POLICY = AnnouncePolicy.parse({
  table: 100,
  networks: [{ bridge: 'vmbr0', prefixes: ['203.0.113.0/24'] }],
})
const OTHER = AnnouncePolicy.parse({
  table: 100,
  networks: [{ bridge: 'vmbr0', prefixes: ['192.0.2.0/24'] }],
})
const guest = () => vm(100, [{ ip: '203.0.113.10/24' }], { lock: 'backup' })
const LINKS = linksOf('vmbr0', { name: 'tap100i0', master: 'vmbr0' })
const KNOWN = guest().nics[0]?.mac ?? macOf('52:54:00:00:64:00')

const BASE: Partial<GuestsInput> & Pick<GuestsInput, 'policy'> = {
  policy: POLICY,
  links: LINKS,
  neighbours: [{ address: '203.0.113.10' as never, mac: KNOWN, device: 'vmbr0' }],
}

function judged(one: Guest, given: Partial<GuestsInput>) {
  const context = contextOf(guestsInput([one], { ...BASE, ...given }))
  return judgeBy(networksOnDevices(context.policy.networks, context.links).usable, context)(one)
}

const GUEST = guest()

test('a guest of which nothing changed is not judged anew', () => {
  expect(judged(GUEST, {})).toBe(judged(GUEST, {}))
  expect(judged(GUEST, {})).toMatchObject([{ fate: 'here' }])
})

test.each<[string, Partial<GuestsInput>]>([
  ['its port is gone', { links: linksOf('vmbr0') }],
  ['its port is down', { links: linksOf('vmbr0', { name: 'tap100i0', up: false }) }],
  [
    'its port is in another bridge',
    { links: linksOf('vmbr0', 'vmbr1', { name: 'tap100i0', master: 'vmbr1' }) },
  ],
  [
    'its firewall bridge leads to another bridge',
    {
      links: linksOf(
        ...['vmbr0', 'vmbr1'],
        { name: 'tap100i0', master: 'fwbr100i0' },
        { name: 'fwpr100p0', master: 'vmbr1' },
      ),
    },
  ],
  ['its bridge is down', { links: linksOf({ name: 'vmbr0', up: false }, 'tap100i0') }],
  ['its bridge is gone', { links: linksOf('tap100i0') }],
  ['the policy is another one', { policy: OTHER }],
  ['its Notes say otherwise', { notesOf: notesOf({ 100: { announce: false } }) }],
  ['it was never found alive', { neighbours: [] }],
  ['it lives elsewhere', { node: 'pve2' }],
  [
    'it is attacked',
    { blackholes: [{ vmid: 100, until: 1_900_000_000, communities: [] }], links: linksOf('vmbr0') },
  ],
  [
    'somebody else holds its address',
    {
      ruling: {
        refusalOf: () => ({ code: 'held-by-another', message: 'another holds it', remedy: 'Wait.' }),
        announceRefusalOf: () => undefined,
        isContested: () => true,
        changes: [],
        open: [],
        waits: false,
        problems: [],
      },
    },
  ],
])('is judged anew where %s', (_, given) => {
  const before = judged(GUEST, {})
  const after = judged(GUEST, given)
  expect(after).toEqual(judged(guest(), given))
  expect(after).not.toEqual(before)
  expect(judged(GUEST, {})).toEqual(before)
})
