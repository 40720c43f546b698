import { appendFileSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { LeaseFollower } from './leaseFollower.ts'

const HEADER =
  'address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context\n'
const row = (octet: number, expire: number, { lifetime = 60, state = 0 } = {}) =>
  `192.0.2.${octet},52:54:00:00:00:0${octet},,${lifetime},${expire},1,0,0,,${state},\n`

let folder: string
let file: string
let follower: LeaseFollower
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'guestnet-leases-'))
  file = join(folder, 'leases.csv')
  follower = new LeaseFollower(folder, 'leases.csv')
  return () => rmSync(folder, { recursive: true })
})

const seen = () => {
  follower.update()
  return follower.leases.map(({ address, expires }) => [address, expires])
}

test('there need be no file', () => {
  expect(follower.update()).toBe(0)
  expect(follower.text).toBe('')
})

test('only what was added is read, and the last row of an address counts', () => {
  writeFileSync(file, HEADER + row(1, 100) + row(2, 100))
  expect(seen()).toEqual([
    ['192.0.2.1', 100],
    ['192.0.2.2', 100],
  ])
  appendFileSync(file, row(1, 160))
  expect(follower.update()).toBe(row(1, 160).length)
  expect(seen()).toEqual([
    ['192.0.2.1', 160],
    ['192.0.2.2', 100],
  ])
  expect(follower.update()).toBe(0)
  expect(follower.text).toBe(HEADER + row(1, 160) + row(2, 100))
})

test('half a row is read when it is whole', () => {
  writeFileSync(file, HEADER + row(1, 100).slice(0, 20))
  expect(seen()).toEqual([])
  appendFileSync(file, row(1, 100).slice(20))
  expect(seen()).toEqual([['192.0.2.1', 100]])
})

test('a lease that was released, declined or reclaimed is none', () => {
  writeFileSync(
    file,
    HEADER + row(1, 100) + row(2, 100) + row(1, 40, { lifetime: 0 }) + row(2, 100, { state: 1 }),
  )
  expect(seen()).toEqual([])
})

test('a file that is begun anew, while the former is tidied up, loses nothing', () => {
  writeFileSync(file, HEADER + row(1, 100))
  expect(seen()).toEqual([['192.0.2.1', 100]])
  appendFileSync(file, row(2, 130))
  renameSync(file, `${file}.1`)
  writeFileSync(file, HEADER + row(3, 140))
  expect(seen().toSorted()).toEqual([
    ['192.0.2.1', 100],
    ['192.0.2.2', 130],
    ['192.0.2.3', 140],
  ])
})

test('memory is for the addresses, not for the rows', () => {
  writeFileSync(file, HEADER)
  for (let time = 0; time < 200; time++) {
    appendFileSync(file, Array.from({ length: 100 }, (_, each) => row(each % 9, time)).join(''))
    follower.update()
  }
  expect(follower.text.split('\n').length).toBe(1 + 9 + 1)
})

test('a link is not followed: the folder is not root’s', () => {
  writeFileSync(join(folder, 'secret'), HEADER + row(1, 100))
  symlinkSync(join(folder, 'secret'), file)
  expect(seen()).toEqual([])
})

test('an address that nobody wants to know of is left out, and changes nothing', () => {
  follower = new LeaseFollower(folder, 'leases.csv', '192.0.2.9')
  writeFileSync(file, HEADER + row(1, 100) + row(9, 100))
  follower.update()
  const { leases, text } = follower
  expect(text).toBe(HEADER + row(1, 100))
  appendFileSync(file, row(9, 200))
  expect(follower.update()).toBe(row(9, 200).length)
  expect(follower.leases).toBe(leases)
  expect(follower.text).toBe(text)
  appendFileSync(file, row(1, 300))
  expect(seen()).toEqual([['192.0.2.1', 300]])
})
