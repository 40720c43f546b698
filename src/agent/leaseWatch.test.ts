import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { eventually } from '../../lab/eventually.ts'
import { offer } from '../../test/builders.ts'
import { seenOf, servedRow } from '../../test/seen.ts'
import type { Lease } from '../core/dhcp/lease.ts'
import { addressOf } from '../core/dhcp/offer.ts'
import { type LeasesKnown, LeaseWatch } from './leaseWatch.ts'
import { Timeline } from './timeline.ts'

let folder: string
let leases: readonly Lease[]
let looks: number
let told: LeasesKnown[]
let timeline: Timeline
let watch: LeaseWatch

const REPORT = seenOf([], {
  nics: [servedRow(100)],
  servers: [{ server: 'dhcp4-1' as never, slot: 1, pid: 7, state: 'answering', offers: 1 }],
}).status

const leaseOf = (vmid: number, since: number): Lease => ({
  address: addressOf(offer(vmid)),
  mac: offer(vmid).mac,
  since,
  expires: since + 3600,
})

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'guestnet-'))
  leases = []
  looks = 0
  told = []
  timeline = new Timeline()
  watch = new LeaseWatch({
    keas: {
      leaseFolder: () => folder,
      leaseNews: () => {
        looks++
        return { leases, failure: undefined }
      },
      leases: async () => [...leases],
    },
    timeline,
    report: () => REPORT,
    tell: known => told.push(known),
    awaited: () => new Set(),
    came: () => undefined,
  })
  await watch.remember(REPORT)
  watch.keep(REPORT)
  await keaWrites()
  told = []
})
afterEach(() => {
  watch.stop()
  rmSync(folder, { recursive: true })
})

/** Kea writes something, and it is looked at. */
async function keaWrites(): Promise<void> {
  const before = looks
  writeFileSync(join(folder, 'leases.csv'), String(before))
  await eventually('it is looked at', () => looks > before)
}

const messages = () => timeline.events.map(({ message }) => message)

test('what Kea writes that is no lease of a guest is no news', async () => {
  await keaWrites()
  expect([told, messages()]).toEqual([[], []])
})

test('a lease that is taken is told, and is an event; one that is renewed is an event', async () => {
  leases = [leaseOf(100, 1000)]
  await keaWrites()
  expect(told).toEqual([{ count: 1, failure: undefined }])
  leases = [leaseOf(100, 2000)]
  await keaWrites()
  expect(told).toHaveLength(1)
  expect(messages()).toEqual([
    expect.stringContaining('net0 leased'),
    expect.stringContaining('net0 renewed'),
  ])
})

test('one that went is told, though another came', async () => {
  leases = [leaseOf(100, 1000)]
  await keaWrites()
  leases = [leaseOf(101, 1000)]
  await keaWrites()
  expect(told).toEqual([
    { count: 1, failure: undefined },
    { count: 1, failure: undefined },
  ])
})
