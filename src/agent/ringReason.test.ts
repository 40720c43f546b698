import { describe, expect, test } from 'vitest'
import { FORGOTTEN, type RingReason } from './ringReason.ts'

describe('everything is looked at anew', () => {
  test.each<[string, RingReason]>([
    ['by an agent that starts', 'start'],
    ['each minute: whatever nobody rang for is found', 'timer'],
    ['when somebody else changed the nftables table', 'nftables'],
    ['when a daemon is not well', 'health'],
    ['when a monitor begins: what came before it was not heard', 'monitor begun'],
    ['when a monitor has lost news', 'monitor gap'],
    ['when a look failed: what it left is not known', 'look failed'],
  ])('%s', (_, reason) => expect(FORGOTTEN[reason].toSorted()).toEqual(['guard', 'ports', 'routing']))
})

test('when somebody else changed the kernel’s routing, the nftables table is still as it was', () => {
  expect(FORGOTTEN.routing).toEqual(['routing'])
})

test.each<RingReason>(['link', 'lease', 'file', 'version', 'asked', 'status'])(
  'nothing is listed again for %s, which with hundreds of guests takes longer than all else',
  reason => expect(FORGOTTEN[reason]).toEqual([]),
)
