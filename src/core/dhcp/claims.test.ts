import { describe, expect, test } from 'vitest'
import { claim, offer } from '../../../test/builders.ts'
import { type Claim, type Ruling, ruleOnAddresses, ruleOnMacs } from './claims.ts'

const X = { address: '192.0.2.5/24' }

function holders({ held }: Ruling): number[] {
  return held.map(({ offer: { vmid } }) => vmid)
}

describe('an address that two guests want in one network is held by', () => {
  const served = { runningHere: true, servedHere: true }
  const running = { runningHere: true }
  const elsewhere = { node: 'pve2', runningElsewhere: true }

  test.each<[string, Claim, Claim]>([
    [
      'the one that is served it, not one that just appeared',
      claim(offer(200, X), served),
      claim(offer(100, X), running),
    ],
    [
      'the one that runs here, not one that runs elsewhere',
      claim(offer(200, X), running),
      claim(offer(100, X), elsewhere),
    ],
    [
      'the one that runs elsewhere, not a stopped clone',
      claim(offer(200, X), elsewhere),
      claim(offer(100, X)),
    ],
    ['the one that runs here, not a stopped clone', claim(offer(200, X), running), claim(offer(100, X))],
    ['the lower VMID of two that are stopped', claim(offer(100, X)), claim(offer(200, X))],
    ['the lower VMID of two that run', claim(offer(100, X), running), claim(offer(200, X), running)],
    ['the lower NIC of one guest', claim(offer(100, X)), claim(offer(100, { ...X, nic: 1 }))],
  ])('%s, in whatever order they come', (_, holder, rival) => {
    for (const claims of [
      [holder, rival],
      [rival, holder],
    ]) {
      const { held, refused } = ruleOnAddresses(claims)
      expect(held).toEqual([holder])
      expect(refused.map(refusal => [refusal.claim, refusal.holder])).toEqual([[rival, holder]])
    }
  })
})

test.each([
  ['another VLAN', { network: { bridge: 'vmbr0', tag: 5 } }],
  ['another bridge', { network: { bridge: 'vmbr1' } }],
  ['another address', { address: '192.0.2.6/24' }],
])('guests in %s do not contradict each other', (_, given) => {
  const { held, refused } = ruleOnAddresses([claim(offer(100, X)), claim(offer(200, { ...X, ...given }))])
  expect(held).toHaveLength(2)
  expect(refused).toEqual([])
})

test('an address is the same one whatever mask stands with it', () => {
  const claims = [claim(offer(100, X)), claim(offer(200, { address: '192.0.2.5/32' }))]
  expect(holders(ruleOnAddresses(claims))).toEqual([100])
})

test('the one that loses is told who holds the address, and where both are written', () => {
  const rival = claim(offer(200, X), { file: 'qemu-server/200.conf', line: 7 })
  const [refusal] = ruleOnAddresses([claim(offer(100, X), { node: 'pve2' }), rival]).refused
  expect(refusal?.problem).toMatchObject({
    code: 'address-duplicate',
    file: 'qemu-server/200.conf',
    line: 7,
    vmid: 200,
    nic: 0,
  })
  expect(refusal?.problem.message).toContain('VM 100 net0 on node pve2')
})

test('of three guests with one address two are refused', () => {
  const { held, refused } = ruleOnAddresses([100, 200, 300].map(vmid => claim(offer(vmid, X))))
  expect(held).toHaveLength(1)
  expect(refused.map(({ claim }) => claim.offer.vmid)).toEqual([200, 300])
})

test('a MAC address that two NICs have on this node is served at one of them, whatever their networks', () => {
  const mac = '52:54:00:9e:cc:1e'
  const ruling = ruleOnMacs([
    claim(offer(100, { mac, network: { bridge: 'vmbr1' } })),
    claim(offer(200, { mac }), { runningHere: true }),
    claim(offer(300)),
  ])
  expect(holders(ruling)).toEqual([200, 300])
  expect(ruling.refused).toMatchObject([{ problem: { code: 'mac-duplicate', vmid: 100 } }])
})
