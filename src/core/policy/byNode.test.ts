import { describe, expect, test } from 'vitest'
import { byNode, forNode } from './byNode.ts'
import { AsNumber } from './peer.ts'

const As = byNode(AsNumber, 'an AS number', 'an AS number or a map')

function mistakesIn(value: unknown): string[] {
  return (As.safeParse(value).error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`)
}

describe('a value by node', () => {
  test('is one for all, or each node has its own', () => {
    expect(forNode(As.parse(65_000), 'pve1')).toBe(65_000)
    const each = As.parse({ pve1: 65_001, 'pve-2': 65_002, 3: 65_003 })
    expect(['pve1', 'pve-2', '3'].map(node => forNode(each, node))).toEqual([65_001, 65_002, 65_003])
  })

  test('is unknown for a node that the map leaves out, whatever the node is called', () => {
    const each = As.parse({ pve1: 65_001 })
    expect(['pve2', 'constructor', 'toString', '__proto__', ''].map(node => forNode(each, node))).toEqual(
      Array.from({ length: 5 }, () => undefined),
    )
  })

  test.each([
    [undefined, [': is missing; it must be an AS number or a map']],
    [null, [': must be an AS number or a map, not empty']],
    ['x', [': must be an AS number or a map, not `x`']],
    [[], [': must be an AS number or a map, not a list']],
    [{}, [': must name at least one node']],
    [
      { pve1: 'x', pve2: {} },
      ['pve1: must be an AS number, not `x`', 'pve2: must be an AS number, not a map'],
    ],
    [
      { pve_1: 1, '-': 1, 'a.b': 1 },
      ['pve_1', '-', 'a.b'].map(node => `${node}: is not a name that a node can have`),
    ],
    [JSON.parse('{"__proto__": 1}'), ['__proto__: is not a name that a node can have']],
  ])('of %j is refused', (value, mistakes) => expect(mistakesIn(value)).toEqual(mistakes))
})
