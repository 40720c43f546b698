import { expect, test } from 'vitest'
import { vm } from '../../../test/builders.ts'
import { eachByItself } from './eachByItself.ts'

test('a guest at which the look throws is set aside and told of, the others are looked at', () => {
  const guests = [100, 101, 102].map(vmid => vm(vmid, [{}]))
  const { results, failed, problems } = eachByItself(guests, ({ vmid }) => {
    if (vmid === 101) throw new RangeError('too much of it')
    return [vmid]
  })
  expect(results).toEqual([100, 102])
  expect([...failed]).toEqual([101])
  expect(problems).toMatchObject([{ code: 'guest-failed', vmid: 101, file: guests[1]?.file }])
  expect(problems[0]?.message).toContain('too much of it')
})
