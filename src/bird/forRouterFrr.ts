import { OWN_FUNCTION } from '../core/announcing/ownCommunities.ts'

const NAME = 'guestnet-arrival'

/** Decimal digits of a Unix time from 2001 to 2286. */
const DIGITS = 10

/**
 * For a router's FRR, 8.4 or later. A route map cannot compute with a community, but it can add up what each decimal digit is worth:
 * `set local-preference +N`, entry after entry (FRR documentation, "Route Maps"). An entry that matches leads to the next digit.
 */
export function renderFrrRouter(asNumbers: readonly number[]): string {
  const digits = Array.from({ length: DIGITS }, (_, index) => index)
  const ours = `_(${asNumbers.join('|')}):${OWN_FUNCTION.arrival}:`
  return `${[
    ...HEAD,
    list(NAME, `${ours}[0-9]{${DIGITS}}_`),
    ...digits.flatMap(index =>
      valuesOf(index).map(value => list(nameOf(index, value), patternOf(ours, index, value))),
    ),
    // What says nothing of an arrival passes as it is.
    `route-map ${NAME} permit 10`,
    ` match large-community ${NAME}`,
    ` on-match goto ${sequenceOf(0)}`,
    ' set local-preference 0',
    'exit',
    `route-map ${NAME} permit 20`,
    'exit',
    ...digits.flatMap(index => valuesOf(index).flatMap(value => renderEntry(index, value))),
    `route-map ${NAME} permit ${sequenceOf(DIGITS)}`,
    'exit',
    ...TAIL,
  ].join('\n')}\n`
}

const HEAD = [
  '! For the routers of a fabric, FRR from 8.4 on: enter this with vtysh, in configuration mode. Each announcement of guestnet’s says in a',
  '! large community when the guest arrived at the node that it comes from, in Unix seconds. This is made the local preference, digit by',
  '! digit, so the later arrival wins before the length of the path counts: also the leaf switch of the node that the guest left sends',
  '! its traffic on. Ways of one node stay equally good.',
]

const TAIL = [
  '! In every BGP session that guests’ addresses come in by, those between routers included, for each address family:',
  `!   neighbor PEER route-map ${NAME} in`,
  '! What comes from outside the fabric must not say so: delete these communities there (set large-comm-list … delete).',
]

/** The local preference has 32 bits, so the first digit is 4 at most; a 0 adds nothing. */
function valuesOf(index: number): number[] {
  return Array.from({ length: index === 0 ? 4 : 9 }, (_, value) => value + 1).toReversed()
}

function nameOf(index: number, value: number): string {
  return `${NAME}-${DIGITS - index}-${value}`
}

function patternOf(ours: string, index: number, value: number): string {
  const before = index === 0 ? '' : `[0-9]{${index}}`
  const after = index === DIGITS - 1 ? '' : `[0-9]{${DIGITS - 1 - index}}`
  return `${ours}${before}${value}${after}_`
}

function list(name: string, pattern: string): string {
  return `bgp large-community-list expanded ${name} seq 5 permit ${pattern}`
}

/** Where the entries of a digit begin. */
function sequenceOf(index: number): number {
  return 100 + index * 10
}

function renderEntry(index: number, value: number): string[] {
  return [
    `route-map ${NAME} permit ${sequenceOf(index) + 9 - value}`,
    ` match large-community ${nameOf(index, value)}`,
    ` on-match goto ${sequenceOf(index + 1)}`,
    ` set local-preference +${value * 10 ** (DIGITS - 1 - index)}`,
    'exit',
  ]
}
