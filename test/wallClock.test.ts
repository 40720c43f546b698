import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const SRC = join(import.meta.dirname, '..', 'src')

/**
 * Who reads the clock that an administrator or NTP sets, and what for (docs/decisions/0019-what-a-clock-can-do.md). Everybody
 * else goes by `performance.now`, which nobody sets.
 */
const READERS: Readonly<Record<string, string>> = {
  'agent/agent.ts': 'whether the time until which the policy wants a black hole has come',
  'agent/ownTroubles.ts': 'since when something fails, for people',
  'agent/picture.ts': 'since when a peer is down, for people',
  'agent/timeline.ts': 'when an event happened, for people',
  'cli/policyAccept.ts': 'tells one acceptance from another',
  'cli/policyRollback.ts': 'tells one acceptance from another',
  'cli/release.ts': 'when a record was written, for people',
  'cli/report.ts': 'the name of an archive, for people',
  'cli/status.ts': 'how long ago something was, for people',
  'cycle/cycle.ts': 'when a report was made, for people and for the warning of a clock that is ahead',
  'cycle/observe.ts': 'the MED of what is announced, and the time until which the policy wants a black hole',
  'cycle/policyInForce.ts':
    'since when a policy is in force, for people; never before the one that it follows',
  'cycle/sightings.ts': 'once, for the times that people are told; then it goes by a clock that nobody sets',
  'http/metrics/agent.ts': 'when the agent was started, for Prometheus',
  'kea/formerClients.ts': 'how long ago Kea gave a lease, which Kea tells by this clock',
  'page/live.ts': 'since when the page hears nothing, for people',
  'pve/access/access.ts': 'how old a ticket of Proxmox’s is, which says so by this clock',
  'pve/access/tokens.ts': 'when a token was made, for people',
  'pve/tree/configFiles.ts':
    'whether a file is so young that it may change unseen, which pmxcfs tells by this clock',
}

test('who reads the wall clock is named, with what for', () => {
  const readers = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .filter(path => /\.tsx?$/.test(path) && !path.endsWith('.test.ts'))
    .filter(path => /\bDate\.now\b|new Date\(\)/.test(readFileSync(join(SRC, path), 'utf8')))
  expect(readers.toSorted()).toEqual(Object.keys(READERS).toSorted())
})
