import type { Guest } from '../src/core/guest/guest.ts'
import type { NicReport } from '../src/core/report/nicRow.ts'
import { REPORT_VERSION, type Report } from '../src/core/report/report.ts'
import { guestWays } from '../src/core/report/ways.ts'
import type { Seen } from '../src/page/view/seen.ts'
import { offer } from './builders.ts'

/** What a page has seen of guests on node pve1, explained as the agent explains them. */
export function seenOf(guests: readonly Guest[], given: Partial<Report> = {}): Seen {
  const report: Report = {
    version: REPORT_VERSION,
    node: 'pve1',
    name: 'guestnet',
    time: 0,
    complete: true,
    policy: 'file',
    nics: [],
    servers: [{ server: 'dhcp4-1', slot: 1, pid: 7, state: 'answering', offers: guests.length }],
    problems: [],
    ...given,
  }
  return {
    status: { agent: true, agentState: 'running', ...report },
    guests: [...guestWays(guests, report)],
    events: [],
  }
}

/** The report's row of a VM's net0 that dhcp4-1 serves, with its lease. */
export function servedRow(vmid: number, given: Partial<NicReport> = {}): NicReport {
  const offered = offer(vmid)
  return {
    vmid,
    type: 'qemu',
    nic: 0,
    family: 'ipv4',
    state: 'served',
    server: 'dhcp4-1',
    requests: 4,
    offer: offered,
    lease: { address: `192.0.2.${vmid % 256}` as never, mac: offered.mac, since: 0, expires: 3600 },
    ...given,
  }
}
