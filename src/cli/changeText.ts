import type { Change } from '../core/change.ts'
import { describeChange } from '../core/change.ts'
import { DRIVER_OF, type DriverName } from '../core/driver.ts'
import { counted } from '../core/text/counted.ts'
import { groupBy } from '../core/values/collection.ts'
import type { Meaning, Paint } from './paint.ts'

/** Something comes, goes, or is another. */
type Mark = '+' | '−' | '~'

/** A kind of change that has no mark does not compile. */
const MARKS = {
  'holder-record': '+',
  'holder-forget': '−',
  'slot-create': '+',
  'slot-remove': '−',
  'slot-name': '~',
  'server-start': '+',
  'server-prepare': '~',
  'spare-start': '+',
  'table-create': '+',
  'slot-open': '+',
  'server-switch': '~',
  'port-serve': '+',
  'port-release': '−',
  'element-remove': '−',
  'switch-remove': '−',
  'server-retire': '−',
  'guard-create': '+',
  'guard-mode': '~',
  'guard-network': '~',
  'guard-link-locals': '~',
  'guard-port': '+',
  'guard-release': '−',
  'guard-network-remove': '−',
  'guard-remove': '−',
  'advertiser-start': '+',
  'advertiser-tell': '~',
  'advertiser-stop': '−',
  'solicitations-open': '+',
  'solicitations-close': '−',
  'sysctl-set': '~',
  'route-set': '+',
  'route-remove': '−',
  'neighbour-set': '+',
  'neighbour-remove': '−',
  'proxy-set': '+',
  'proxy-remove': '−',
  'rule-add': '+',
  'rule-remove': '−',
  'gateway-set': '+',
  'gateway-remove': '−',
  'bird-start': '+',
  'bird-configure': '~',
  'bird-stop': '−',
  announce: '+',
  'standby-set': '+',
  'standby-remove': '−',
  withdraw: '−',
} as const satisfies Record<Change['kind'], Mark>

const PART_OF = {
  holders: 'cluster',
  slots: 'DHCP',
  keas: 'DHCP',
  preparations: 'DHCP',
  spares: 'DHCP',
  ports: 'DHCP',
  guard: 'guard',
  retirements: 'DHCP',
  advertiser: 'router advertisements',
  solicitations: 'router advertisements',
  forwarding: 'kernel',
  routing: 'kernel',
  bird: 'BGP',
} as const satisfies Record<DriverName, string>

const MEANING = { '+': 'good', '−': 'bad', '~': 'doubtful' } as const satisfies Record<Mark, Meaning>

export function markOf({ kind }: Change): Mark {
  return MARKS[kind]
}

/** Changes for people: by what they are changes of, each in its order, and how many there are. */
export function describeChanges(changes: readonly Change[], paint: Paint): string[] {
  if (changes.length === 0) return ['nothing to do']
  const parts = groupBy(changes, ({ kind }) => PART_OF[DRIVER_OF[kind]])
  return [
    ...[...parts].flatMap(([part, own]) => [
      paint('strong', `${part}: ${counted(own.length, 'change')}`),
      ...own.map(change => paint(MEANING[markOf(change)], `  ${markOf(change)} ${describeChange(change)}`)),
      '',
    ]),
    `${counted(changes.length, 'change')}: ${countsOf(changes)}`,
  ]
}

function countsOf(changes: readonly Change[]): string {
  const marks = groupBy(changes, markOf)
  return (['+', '~', '−'] as const)
    .flatMap(mark => (marks.has(mark) ? [`${mark} ${marks.get(mark)?.length}`] : []))
    .join(', ')
}
