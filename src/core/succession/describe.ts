import type { ChangesPolicy } from '../policy/changes.ts'
import { counted } from '../text/counted.ts'
import type { Excess, Loss, Turnover } from './loss.ts'

/** `withdraws 412 of 500 prefixes, stops serving 37 of 40 guests`; empty: it takes nothing away. */
export function describeLoss({ prefixes, guests }: Loss): string {
  return [
    ...(prefixes.lost.length > 0 ? [`withdraws ${share(prefixes, 'prefix', 'prefixes')}`] : []),
    ...(guests.lost.length > 0 ? [`stops serving ${share(guests, 'guest')}`] : []),
  ].join(', ')
}

/** All that it means: `withdraws 3 of 5 prefixes, serves 1 more guest; 3 sessions restart`. */
export function describeWhole(loss: Loss): string {
  const { prefixes, guests, sessions } = loss
  const changes = [
    describeLoss(loss),
    more('announces', prefixes.gained.length, 'prefix', 'prefixes'),
    more('serves', guests.gained.length, 'guest'),
  ]
  const ofSessions = [
    sessionsThat(sessions.restarted, 'restarts', 'restart'),
    sessionsThat(sessions.ended, 'ends', 'end'),
  ]
  const parts = [changes, ofSessions].map(list => list.filter(text => text !== '').join(', '))
  return parts.filter(text => text !== '').join('; ') || 'nobody loses or gains anything'
}

/** What is too much of a policy that waits, and where. */
export function describeExcess({ node, loss }: Excess, { share: percent, count }: ChangesPolicy): string {
  const where = node === undefined ? 'in the cluster' : `on node ${node}`
  return `${where} it ${describeLoss(loss)}, which is more than ${percent}% and more than ${count}`
}

function share({ lost, before }: Turnover<unknown>, one: string, many = `${one}s`): string {
  return `${lost.length} of ${counted(before, one, many)}`
}

function more(verb: string, count: number, one: string, many = `${one}s`): string {
  return count === 0 ? '' : `${verb} ${count} more ${count === 1 ? one : many}`
}

function sessionsThat(peers: readonly string[], one: string, many: string): string {
  return peers.length === 0 ? '' : `${counted(peers.length, 'session')} ${peers.length === 1 ? one : many}`
}
