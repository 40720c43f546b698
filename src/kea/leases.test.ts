import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { offer } from '../../test/builders.ts'
import { KEA } from './daemons.ts'
import { observeLeases } from './leases.ts'

const OFFERS = [100, 101].map(vmid => offer(vmid))

let folder: string
let server: Server
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'guestnet-'))
})
afterEach(() => {
  server.close()
  rmSync(folder, { recursive: true })
})

/** What is observed where a control socket answers this to whatever it is asked. */
async function leasesWhere(reply: unknown) {
  const socket = join(folder, 'socket')
  server = createServer(connection => connection.once('data', () => connection.end(JSON.stringify(reply))))
  await new Promise<void>(resolve => server.listen(socket, resolve))
  return await observeLeases({ socket, daemon: KEA.ipv4 }, OFFERS)
}

function lease(vmid: number, given: object = {}) {
  const { mac, address } = offer(vmid)
  return {
    'ip-address': address.replace(/\/.*/, ''),
    'hw-address': mac,
    'subnet-id': 1,
    cltt: 1_800_000_000,
    'valid-lft': 3600,
    state: 0,
    ...given,
  }
}

test.each([
  ['without a hardware address', { 'hw-address': undefined }],
  ['whose time is no number', { cltt: 'yesterday' }],
])('a lease %s takes nothing from the others', async (_, odd) => {
  const leases = [lease(100, odd), lease(101)]
  expect(await leasesWhere({ result: 0, arguments: { leases } })).toMatchObject([{ mac: offer(101).mac }])
})

test('a Kea that says that it cannot is an error, not a Kea without leases', async () => {
  await expect(leasesWhere({ result: 1, text: 'out of memory' })).rejects.toThrow('out of memory')
})
