import { addressOf } from '../core/dhcp/offer.ts'
import { describeNic } from '../core/guest/names.ts'
import type { NicReport, NicState } from '../core/report/nicRow.ts'
import { describeNetwork } from '../core/values/network.ts'
import { describeDuration } from './duration.ts'
import type { Paint } from './paint.ts'
import { inColumns } from './table.ts'
import type { View } from './view.ts'
import { cut, wrap } from './wrap.ts'

const NOT_WELL = new Set<NicState>(['pending', 'refused'])

/** Whether a guest's NIC is not given what it should be. */
export function isUnwell({ state }: NicReport): boolean {
  return NOT_WELL.has(state)
}

/** What is offered in a table; what is not, with its reason. */
export function nicLines(nics: readonly NicReport[], view: View): string[] {
  const offered = nics.filter(({ offer }) => offer)
  const others = nics.filter(({ offer }) => !offer)
  return [
    ...(offered.length === 0 ? [] : nicTable(offered, view)),
    ...others.flatMap(nic => withoutOffer(nic, view)),
  ]
}

function nicTable(nics: readonly NicReport[], view: View): string[] {
  const rows = nics.map(nic => nicRow(nic, view))
  const lines = inColumns([['NIC', 'NAME', 'NETWORK', 'ADDRESS', 'STATE', 'LEASE'], ...rows], view.width)
  return lines.map((line, index) => paintLine(line, nics[index - 1]?.state, view.paint))
}

function withoutOffer({ state, refusal, name, ...nic }: NicReport, { paint, width }: View): string[] {
  const title = `${describeNic(nic)}${name === undefined ? '' : ` ${cut(name, 20)}`}`
  const lines = wrap(`${title}: ${STATE[state]}${refusal ? `, ${refusal.message}` : ''}`, width - 2)
  return lines.map((line, index) => paintLine(`${index === 0 ? '' : '  '}${line}`, state, paint))
}

function paintLine(line: string, state: NicState | undefined, paint: Paint): string {
  if (state === undefined) return paint('faint', line)
  return NOT_WELL.has(state) ? paint(state === 'pending' ? 'doubtful' : 'bad', line) : line
}

function nicRow({ offer, state, lease, name = '', ...nic }: NicReport, { now }: View): string[] {
  const held = lease && offer && lease.address !== addressOf(offer) ? `${lease.address}, ` : ''
  const until = lease ? `${held}${describeDuration(lease.expires * 1000 - now)} left` : '-'
  const network = offer ? describeNetwork(offer.network) : '-'
  return [describeNic(nic), cut(name, 20), network, offer?.address ?? '-', STATE[state], until]
}

const STATE = {
  served: 'served',
  stopped: 'stopped',
  pending: 'PENDING',
  refused: 'REFUSED',
  'left-alone': 'left alone',
} as const satisfies Record<NicState, string>
