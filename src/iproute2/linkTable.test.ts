import { beforeEach, describe, expect, test } from 'vitest'
import type { Link } from '../core/node/link.ts'
import { LinkTable, parseLinkLine } from './linkTable.ts'

/** What the kernel has, by name. */
let kernel: Map<string, Link>
let lists: number
let reads: number
let table: LinkTable

const link = (name: string, ifindex: number, more: Partial<Link> = {}): Link => ({
  name,
  ifindex,
  mtu: 1500,
  up: true,
  carrier: true,
  ...more,
})

const listKernel = async () => {
  lists++
  return new Map(kernel)
}

beforeEach(() => {
  kernel = new Map([link('vmbr0', 2), link('tap100i0', 5, { master: 'vmbr0' })].map(one => [one.name, one]))
  lists = 0
  reads = 0
  const read = (name: string) => {
    reads++
    return kernel.get(name)
  }
  table = new LinkTable({ remembers: true, list: listKernel, read })
})

/** As `ip -o monitor link` tells it. */
const line = (name: string, ifindex: number, more = 'master vmbr0 ') =>
  `${ifindex}: ${name}@if4: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue ${more}state UP group default \\    link/ether 02:00:00:00:00:01`

const lineOf = ({ name, ifindex, mtu, up, carrier, master, alias }: Link) =>
  [
    `${ifindex}: ${name}: <BROADCAST${up ? ',UP' : ''}${carrier ? ',LOWER_UP' : ''}> mtu ${mtu} `,
    ...(master === undefined ? [] : [`master ${master} `]),
    'state UP \\    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff',
    ...(alias === undefined ? [] : [`\\    alias ${alias}`]),
  ].join('')

const names = async () => [...(await table.observe()).keys()]

test('links are listed once', async () => {
  await table.observe()
  await table.observe()
  expect(lists).toBe(1)
})

test('and each time where nobody tells what changes', async () => {
  const forgetful = new LinkTable({ list: listKernel })
  await forgetful.observe()
  await forgetful.observe()
  expect(lists).toBe(2)
})

describe('a line of the monitor', () => {
  beforeEach(() => table.observe())

  test('that changes nothing is no news: a bridge tells of its ports each time one comes or goes', async () => {
    const before = await table.observe()
    reads = 0
    expect(table.told(line('tap100i0', 5))).toBe(false)
    expect(table.told('5: tap100i0: <UP,LOWER_UP> mtu 1500 master vmbr0 state forwarding cost 2')).toBe(false)
    expect(await table.observe()).toBe(before)
    expect(reads).toBe(0)
  })

  test('of a link with an alias, or that has one now, is looked at: not all lines tell it', async () => {
    const own = link('guestnet-1', 8, { alias: 'guestnet' })
    kernel.set(own.name, own)
    expect(table.told(lineOf(own))).toBe(true)
    kernel.set(own.name, link('guestnet-1', 8))
    expect(table.told(lineOf(link('guestnet-1', 8)))).toBe(true)
    kernel.set(own.name, own)
    expect(table.told(lineOf(own))).toBe(true)
    expect((await table.observe()).get(own.name)).toEqual(own)
  })

  test('brings a link that is new', async () => {
    kernel.set('tap101i0', link('tap101i0', 6))
    expect(table.told(line('tap101i0', 6, ''))).toBe(true)
    expect(await names()).toEqual(['vmbr0', 'tap100i0', 'tap101i0'])
  })

  test('changes no list that was handed out before', async () => {
    const before = await table.observe()
    kernel.set('tap101i0', link('tap101i0', 6))
    table.told(line('tap101i0', 6))
    expect(before.has('tap101i0')).toBe(false)
  })

  test('takes away what is gone, even while it can still be seen', async () => {
    expect(table.told(`Deleted ${line('tap100i0', 5, '')}`)).toBe(true)
    expect(await names()).toEqual(['vmbr0'])
  })

  test('of a port that only left its bridge is not taken for its end', async () => {
    kernel.set('tap100i0', link('tap100i0', 5))
    expect(table.told(`Deleted ${line('tap100i0', 5)}`)).toBe(true)
    expect((await table.observe()).get('tap100i0')).toEqual(link('tap100i0', 5))
  })

  test('of a former link does not take away the one that has its name now', async () => {
    kernel.set('tap100i0', link('tap100i0', 9))
    expect(table.told(line('tap100i0', 9))).toBe(true)
    expect(table.told(`Deleted ${line('tap100i0', 5, '')}`)).toBe(false)
    expect((await table.observe()).get('tap100i0')?.ifindex).toBe(9)
  })

  test('of a link that has another name now takes the former one away', async () => {
    kernel.delete('vmbr0')
    kernel.set('vmbr9', link('vmbr9', 2))
    expect(table.told(line('vmbr9', 2, ''))).toBe(true)
    expect(await names()).toEqual(['tap100i0', 'vmbr9'])
  })

  test.each([
    ['carrier', 'tap100i0', { carrier: false }, false],
    ['MTU', 'tap100i0', { mtu: 1400 }, false],
    ['state', 'tap100i0', { up: false, carrier: false }, true],
    ['bridge', 'tap100i0', { master: 'vmbr1' }, true],
    ['number', 'tap100i0', { ifindex: 7 }, true],
    ['MTU', 'vmbr0', { mtu: 1400 }, true],
    ['carrier', 'vmbr0', { carrier: false }, true],
  ])('of another %s of %s is known, and news where it matters', async (_, name, change, isNews) => {
    const former = kernel.get(name)
    if (!former) throw new Error('there is one')
    const now = { ...former, ...change }
    kernel.set(name, now)
    expect(table.told(lineOf(now))).toBe(isNews)
    expect((await table.observe()).get(name)).toMatchObject(change)
  })

  test('of a link between a port and its bridge is known, and no news', async () => {
    kernel.set('fwbr100i0', link('fwbr100i0', 7))
    expect(table.told(line('fwbr100i0', 7, ''))).toBe(false)
    expect(await names()).toContain('fwbr100i0')
  })

  test('that cannot be read is news', () => {
    expect(table.told('what is this?')).toBe(true)
  })
})

test('what is told while links are being listed is looked at after that', async () => {
  let isListed: () => void = () => undefined
  const slow = new LinkTable({
    remembers: true,
    list: () =>
      new Promise(resolve => {
        const old = new Map(kernel)
        isListed = () => resolve(old)
      }),
    read: name => kernel.get(name),
  })
  const observed = slow.observe()
  kernel.set('tap101i0', link('tap101i0', 6))
  expect(slow.told(line('tap101i0', 6))).toBe(true)
  isListed()
  expect((await observed).has('tap101i0')).toBe(true)
})

test('what is forgotten is listed again', async () => {
  await table.observe()
  kernel.delete('tap100i0')
  table.forget()
  expect(await names()).toEqual(['vmbr0'])
})

test('what is listed again and is as before is the same value, so that nothing that follows from it is found again', async () => {
  const before = await table.observe()
  table.forget()
  expect(await table.observe()).toBe(before)
  table.forget()
  kernel.set('tap101i0', link('tap101i0', 6))
  const after = await table.observe()
  expect([...after.keys()].toSorted()).toEqual(['tap100i0', 'tap101i0', 'vmbr0'])
  expect(after.get('tap100i0')).toBe(before.get('tap100i0'))
})

test.each([
  [
    '7: tap100i0: <BROADCAST> mtu 1500 state DOWN',
    { name: 'tap100i0', ifindex: 7, up: false, isGone: false },
  ],
  ['8: veth1i0@if2: <UP> mtu 1400 state UP', { name: 'veth1i0', up: true, carrier: false, mtu: 1400 }],
  ['Deleted 9: vmbr0.5@vmbr0: <UP> mtu 1500 state UP', { name: 'vmbr0.5', ifindex: 9, isGone: true }],
  ['Deleted 9: tap1i0: <UP> mtu 1500 master vmbr0 state UP', { name: 'tap1i0', ifindex: 9, isGone: false }],
])('%s', (text, told) => expect(parseLinkLine(text)).toMatchObject(told))

test('what is no such line tells of no link', () => expect(parseLinkLine('')).toBeUndefined())
