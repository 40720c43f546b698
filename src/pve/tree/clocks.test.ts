import { expect, test } from 'vitest'
import { parseClocks } from './clocks.ts'

test('each node’s own time is taken from its line, of Proxmox VE 8 and 9, and from no other line', () => {
  const text = `pve2-node/pve1:86400:c:1795640000:0.5:2:0.1:0.0:8000:4000
pve-node-9.0/pve2:86400::1795640007:0.5:2
pve2.3-vm/100:500:web:running:0:1795640000:2:0.1
pve2-storage/pve1/local:1795640000:100:50
pve2-node/pve3:half
pve2-node/pve4:86400:c:4294967295:0.5
pve2-node/pve5:86400:c:99999999999999999999:0.5`
  expect([...parseClocks(text)]).toEqual([
    ['pve1', 1795640000],
    ['pve2', 1795640007],
  ])
})
