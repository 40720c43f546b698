import { describe, expect, test } from 'vitest'
import { ipv4, macOf } from '../../test/builders.ts'
import { mergeLeaseFiles } from './leaseFile.ts'

/** The columns of Kea 2.2. */
const COLUMNS =
  'address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context'
const MAC = macOf('52:54:00:9e:cc:1e')
const STRANGER = macOf('52:54:00:9e:cc:1f')
const ADDRESS = ipv4('192.0.2.5')
const HOLDERS = [{ address: ADDRESS, hardwareAddress: MAC, subnetId: 7 }]

/** One row: a lease as Kea writes it. */
function row(
  given: { address?: string; mac?: string; expire?: number; subnet?: number; state?: number } = {},
) {
  const { address = ADDRESS, mac = MAC, expire = 2000, subnet = 7, state = 0 } = given
  return `${address},${mac},01:52:54,3600,${expire},${subnet},0,0,web,${state},\n`
}

const file = (...rows: string[]) => `${COLUMNS}\n${rows.join('')}`

test('a lease is kept as it was', () => {
  expect(mergeLeaseFiles([file(row())], HOLDERS)).toBe(file(row()))
})

test('a lease moves to the subnet that its address is in now', () => {
  expect(mergeLeaseFiles([file(row({ subnet: 3 }))], HOLDERS)).toBe(file(row()))
})

test.each<[string, string[]]>([
  ['no file', []],
  ['an empty file', ['']],
  ['a file without leases', [file()]],
  ['a lease of a stranger', [file(row({ mac: STRANGER }))]],
  ['a lease of another address', [file(row({ address: '192.0.2.6' }))]],
  ['a lease that the guest declined', [file(row({ state: 1 }))]],
  ['a lease that ended', [file(row({ state: 2 }))]],
])('nothing is kept of %s', (_, files) => expect(mergeLeaseFiles(files, HOLDERS)).toBeUndefined())

describe('of one address', () => {
  test('the last row of a file counts', () => {
    const files = [file(row({ expire: 3000 }), row({ expire: 2000 }))]
    expect(mergeLeaseFiles(files, HOLDERS)).toBe(file(row({ expire: 2000 })))
  })

  test('a stranger’s later row takes the guest’s lease away', () => {
    expect(mergeLeaseFiles([file(row(), row({ mac: STRANGER }))], HOLDERS)).toBeUndefined()
  })

  test('the lease counts that ends last, whichever file it is in', () => {
    const files = [file(row({ expire: 2000 })), file(row({ expire: 3000 })), file(row({ expire: 1000 }))]
    for (const order of [files, files.toReversed()]) {
      expect(mergeLeaseFiles(order, HOLDERS)).toBe(file(row({ expire: 3000 })))
    }
  })
})

test('half a last line, as a crash leaves it, is ignored', () => {
  expect(mergeLeaseFiles([file(row(), row({ expire: 9000 }).slice(0, 30))], HOLDERS)).toBe(file(row()))
  expect(mergeLeaseFiles([file(row(), row({ expire: 9000 }).slice(0, -1))], HOLDERS)).toBe(file(row()))
})

test('a row of an older Kea gets the columns of a newer one', () => {
  const newer = `${COLUMNS},pool_id\n${row({ address: '192.0.2.6', mac: STRANGER }).trimEnd()},0\n`
  const holders = [...HOLDERS, { address: ipv4('192.0.2.6'), hardwareAddress: STRANGER, subnetId: 7 }]
  const merged = mergeLeaseFiles([file(row()), newer], holders)
    ?.trimEnd()
    .split('\n')
  expect(merged).toEqual([
    `${COLUMNS},pool_id`,
    `${row().trimEnd()},0`,
    `${row({ address: '192.0.2.6', mac: STRANGER }).trimEnd()},0`,
  ])
})
