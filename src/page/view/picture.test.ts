import { describe, expect, test } from 'vitest'
import { vm } from '../../../test/builders.ts'
import { seenOf, servedRow } from '../../../test/seen.ts'
import type { AnnouncingReport } from '../../core/report/announcing.ts'
import type { Report } from '../../core/report/report.ts'
import { guestRows } from './guestRows.ts'
import { networkRows } from './networks.ts'
import { describePicture, pictureOf } from './picture.ts'
import { type Box, type Layout, layOut } from './pictureLayout.ts'

const UP = { peer: 'rtr01', protocol: 'p1', isUp: true, bgpState: 'Established', since: '' }
const ANNOUNCING: AnnouncingReport = {
  table: 100,
  announcements: [100, 101].map(vmid => ({
    prefix: `192.0.2.${vmid}/32` as never,
    vmid,
    device: 'vmbr0',
    route: true,
    neighbour: true,
    told: true,
    exportedTo: ['rtr01'],
  })),
  rules: true,
  standby: [],
  notForwarded: [],
  bird: { state: 'running', pid: 9 },
  peers: [UP, { ...UP, peer: 'rtr02', protocol: 'p2', isUp: false, bgpState: 'Active' }],
  drained: 'no',
  withheld: [],
}

function picture(count: number, given: Partial<Report> = {}) {
  const vmids = Array.from({ length: count }, (_, index) => 100 + index)
  const guests = vmids.map(vmid => vm(vmid, [{ ip: `192.0.2.${vmid % 250}/24` }]))
  const seen = seenOf(guests, { nics: vmids.map(vmid => servedRow(vmid)), ...given })
  return pictureOf(seen, networkRows(seen, guestRows(seen)))
}

describe('the picture', () => {
  test('leads from each network to the Keas that serve it, and to BIRD where it is announced', () => {
    const { lanes, daemons, peers } = picture(2, { announcing: ANNOUNCING })
    expect(lanes).toMatchObject([{ network: 'vmbr0', to: ['dhcp4-1', 'bird'], more: 0 }])
    expect(daemons.map(({ key, state, detail }) => [key, state, detail])).toEqual([
      ['dhcp4-1', 'good', '2 reservations'],
      ['bird', 'good', '2 prefixes'],
    ])
    expect(peers.map(({ name, state }) => [name, state])).toEqual([
      ['rtr01', 'good'],
      ['rtr02', 'broken'],
    ])
  })

  test('shows a Kea that should be there and is not', () => {
    expect(picture(1, { servers: [] }).daemons).toMatchObject([{ key: 'dhcp4-1', state: 'broken' }])
  })

  test('says the same in words', () => {
    expect(describePicture(picture(2, { announcing: ANNOUNCING }))).toBe(
      'Node pve1. vmbr0: 2 guests served. Kea dhcp4-1: running, 2 reservations. BIRD: running, 2 prefixes. ' +
        'BGP session with rtr01: Established. BGP session with rtr02: Active.',
    )
  })

  test('is bounded, and what is broken is in it', () => {
    const { offer: _, lease: __, server: ___, ...bare } = servedRow(2500)
    const refusal = { code: 'no-mac', message: 'no MAC', remedy: 'Set one.' } as const
    const nics = Array.from({ length: 2401 }, (_unused, index) => servedRow(100 + index))
    nics[2400] = { ...bare, state: 'refused', refusal }
    const [lane] = picture(2401, { nics }).lanes
    expect([lane?.guests.length, lane?.more]).toEqual([1200, 1201])
    expect(lane?.guests.at(-1)).toMatchObject({ vmid: 2500, state: 'broken' })
  })
})

describe('laid out', () => {
  const boxesOf = ({ lanes, node, peers }: Layout): Box[] => [...lanes, node, ...peers]
  const overlap = (a: Box, b: Box) =>
    a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height

  test.each([
    [300, 2],
    [390, 30],
    [800, 2],
    [1280, 60],
    [1280, 1000],
    [330, 1000],
  ])('on %i pixels, %i guests lie within them and over nothing else', (width, count) => {
    const layout = layOut(picture(count, { announcing: ANNOUNCING }), width)
    const boxes = boxesOf(layout)
    for (const [index, box] of boxes.entries()) {
      expect(box.x + box.width).toBeLessThanOrEqual(layout.width)
      expect(box.y + box.height).toBeLessThanOrEqual(layout.height + 0.5)
      for (const other of boxes.slice(index + 1)) expect(overlap(box, other)).toBe(false)
    }
    const [lane] = layout.lanes
    expect(lane?.cells.length).toBe(count)
    for (const cell of lane?.cells ?? [])
      expect(cell.y + cell.height).toBeLessThanOrEqual((lane?.y ?? 0) + (lane?.height ?? 0))
  })

  test('a thousand guests take no more than a screen of a phone', () => {
    expect(layOut(picture(1000), 330).lanes[0]?.height).toBeLessThan(500)
  })

  test('a broken session has a broken line', () => {
    const { lines } = layOut(picture(2, { announcing: ANNOUNCING }), 1000)
    expect(lines.map(({ key, state }) => [key, state])).toEqual([
      ['vmbr0 dhcp4-1', 'good'],
      ['vmbr0 bird', 'good'],
      ['peer rtr01', 'good'],
      ['peer rtr02', 'broken'],
    ])
  })
})
