import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Holders, holdersFolder } from './holders.ts'

const PLACE = '192.0.2.5 in vmbr0'
const RECORD = { vmid: 100, nic: 0, node: 'pve1', since: 1_800_000_000 }
const WHOLE = JSON.stringify({ version: 1, ...RECORD })

let root: string
let now: number
let holders: Holders
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'guestnet-'))
  mkdirSync(holdersFolder(root), { recursive: true })
  now = 0
  holders = new Holders(root, () => now)
})
afterEach(() => rmSync(root, { recursive: true }))

/** A file of another node's making, whose clock may be wrong by so many seconds. */
function written(text: string, clock = 0): void {
  const path = join(holdersFolder(root), encodeURIComponent(PLACE))
  writeFileSync(path, text)
  const time = Date.now() / 1000 + clock
  utimesSync(path, time, time)
}

const found = async () => (await holders.observe()).get(PLACE)

test('a record is read by the place that is held', async () => {
  written(`${WHOLE}\n`)
  expect(await found()).toEqual(RECORD)
})

describe('of two nodes that write down who holds the same', () => {
  const record = (vmid: number, replaces = false) =>
    ({ kind: 'holder-record', place: PLACE, record: { ...RECORD, vmid }, replaces }) as const
  const other = () => new Holders(root)

  test('one succeeds, and the other one is told that it did not', async () => {
    const [won, lost] = [record(100), record(200)]
    expect(await holders.apply([won])).toEqual(new Map())
    expect(await other().apply([lost])).toEqual(new Map([[lost, 'another node was first']]))
    expect(await found()).toMatchObject({ vmid: 100 })
  })

  test('the same where a former record is in the place, also for one that comes late', async () => {
    await holders.apply([record(50)])
    const late = other()
    for (const node of [holders, late]) await node.observe()
    const [won, lost] = [record(100, true), record(200, true)]
    expect(await holders.apply([won])).toEqual(new Map())
    expect(await found()).toMatchObject({ vmid: 100 })
    expect(await late.apply([lost])).toEqual(new Map([[lost, 'another node was first']]))
    expect(await found()).toMatchObject({ vmid: 100 })
    expect(readdirSync(holdersFolder(root))).toHaveLength(1)
  })

  test('one that finds the former record gone is told that it did not', async () => {
    const lost = record(200, true)
    expect(await holders.apply([lost])).toEqual(new Map([[lost, 'another node was first']]))
  })
})

describe('a record that nobody needs any more', () => {
  const forget = { kind: 'holder-forget', place: PLACE } as const

  test('is removed', async () => {
    written(WHOLE)
    await found()
    expect(await holders.apply([forget])).toEqual(new Map())
    expect(await found()).toBeUndefined()
  })

  test('may be gone already', async () => {
    expect(await holders.apply([forget])).toEqual(new Map())
  })

  test('stays if it is another one by now, which somebody needs', async () => {
    written(WHOLE)
    await found()
    written(WHOLE.replace('100', '200'))
    expect(await holders.apply([forget])).toEqual(new Map())
    expect(await found()).toMatchObject({ vmid: 200 })
  })
})

describe.each([0, -7200, 7200])('a record that is not whole, of a node whose clock is %i s off,', clock => {
  test('is being written, and is what it says once it is whole', async () => {
    written(WHOLE.slice(0, 20), clock)
    expect(await found()).toBe('being written')
    written(WHOLE, clock)
    expect(await found()).toEqual(RECORD)
  })

  test('is what a crash left if it stays so for five seconds', async () => {
    written('', clock)
    expect(await found()).toBe('being written')
    now += 4999
    expect(await found()).toBe('being written')
    now += 1
    expect(await found()).toBe('broken')
  })
})
