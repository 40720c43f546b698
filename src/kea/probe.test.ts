import { expect, test } from 'vitest'
import { Prober } from './probe.ts'

/** A prober whose program tells these, one after the other; and what it was asked. */
function proberThat(...told: (string | Error)[]) {
  const asked: string[][] = []
  const prober = new Prober(async exchanges => {
    asked.push(exchanges.map(exchange => exchange.split('\t')[0] ?? ''))
    const one = told[asked.length - 1] ?? ''
    if (one instanceof Error) throw one
    return one
  })
  return { prober, asked }
}

test('what is asked for at the same time is asked by one program, and each hears of its own', async () => {
  const { prober, asked } = proberThat('0 1 2\n', '0\n')
  const all = [prober.probe('a-1', 'ipv4'), prober.probe('a-2', 'ipv6'), prober.probe('a-3', 'ipv4')]
  expect(await Promise.all(all)).toEqual(['answered', 'silent', 'unknown'])
  expect(await prober.probe('a-1', 'ipv4')).toBe('answered')
  expect(asked).toEqual([['a-1', 'a-2', 'a-3'], ['a-1']])
})

test.each([
  ['it cannot be started', new Error('ENOENT')],
  ['it says less than it was asked', ''],
])('nothing is known where %s', async (_, told) => {
  expect(await proberThat(told).prober.probe('a-1', 'ipv4')).toBe('unknown')
})

test('a link that is not there proves nothing of a Kea', async () => {
  expect(await new Prober().probe('nosuchlink', 'ipv6')).toBe('unknown')
})
