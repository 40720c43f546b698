import { describe, expect, test } from 'vitest'
import { BgpPolicy } from './bgp.ts'
import { ExportRule } from './exportRule.ts'

function mistakesIn(rule: unknown): string[] {
  const { error } = ExportRule.safeParse(rule, { reportInput: true })
  return (error?.issues ?? []).map(({ path, message }) => `${path.join('.')} ${message}`)
}

describe('a rule of export', () => {
  test('is read whole', () => {
    const rule = {
      bridge: 'vmbr0',
      tag: 5,
      onlyTo: ['rtr01'],
      communities: ['65000:100', '65000:1:2'],
      med: 0,
      localPreference: 4_294_967_295,
      prepend: 3,
    }
    expect(ExportRule.parse({ ...rule, vmids: [100, '200-299'] })).toEqual({
      ...rule,
      vmids: [
        { first: 100, last: 100 },
        { first: 200, last: 299 },
      ],
    })
  })

  const VMID = 'must be the number of a guest, such as 100, or a range of them, such as 100-199'
  test.each([
    [{}, [' asks for nothing: it must have one of `onlyTo`, `communities`']],
    [{ bridge: 'vmbr0', vmids: [100] }, [' asks for nothing']],
    [{ tag: 5, med: 1 }, ['tag needs the `bridge`']],
    [{ peers: ['a'], onlyTo: ['b'] }, ['peers cannot be used together with `onlyTo`']],
    [{ peers: [], med: 1 }, ['peers must name at least one peer']],
    [{ onlyTo: ['a', 'a'] }, ['onlyTo.1 is the same peer as `[0]`']],
    [{ prepend: 11 }, ['prepend must be a number of times from 1 to 10, not `11`']],
    [{ med: -1 }, ['med must be a number from 0 to 4294967295, not `-1`']],
    [{ communities: ['65536:1'] }, ['communities.0 must be a community such as 65000:100']],
    [{ communities: [] }, ['communities must name at least one community']],
    [{ med: 1, vmids: [99, '300-200', '1000000000', 'web'] }, [0, 1, 2, 3].map(at => `vmids.${at} ${VMID}`)],
  ])('%j is refused', (rule, mistakes) => {
    expect(mistakesIn(rule)).toEqual(mistakes.map(mistake => expect.stringContaining(mistake)))
  })

  test('names peers that there are', () => {
    const bgp = {
      as: 65_001,
      peers: [{ name: 'rtr01', address: '192.0.2.1', as: 65_000 }],
      export: [
        { peers: ['rtr01', 'rtr02'], med: 1 },
        { onlyTo: ['rtr03'], prepend: 'x' },
      ],
    }
    const issues = BgpPolicy.safeParse(bgp).error?.issues ?? []
    expect(issues.map(({ path, message }) => `${path.join('.')} ${message}`)).toEqual([
      expect.stringContaining('export.1.prepend must be'),
      'export.0.peers.1 names `rtr02`, which is none of `peers`',
      'export.1.onlyTo.0 names `rtr03`, which is none of `peers`',
    ])
  })
})
