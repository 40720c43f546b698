import type { TimelineEvent } from '../agent/event.ts'
import { shown } from '../core/text/escape.ts'

/** Priorities, syslog(3), by which `journalctl -p warning` shows what needs a look. */
const PRIORITY = {
  failure: 3,
  problem: 4,
  solved: 5,
  guard: 5,
  peer: 5,
  daemon: 5,
  migration: 5,
  configuration: 5,
  policy: 5,
  agent: 5,
  change: 6,
  announcement: 6,
  lease: 6,
} as const satisfies Record<TimelineEvent['kind'], number>

/** Renewals change nothing: the unit leaves them out (LogLevelMax). */
const DEBUG = 7

/**
 * An event as the journal takes it from standard output: the priority in front (sd-daemon(3)), then fields by which it can be
 * found. The journal has the time itself.
 */
export function journalLine({ kind, message, vmid }: TimelineEvent): string {
  const isRenewal = kind === 'lease' && / renewed \S+$/.test(message)
  const guest = vmid === undefined ? '' : ` vmid=${vmid}`
  return `<${isRenewal ? DEBUG : PRIORITY[kind]}>kind=${kind}${guest} message=${JSON.stringify(shown(message))}`
}
