import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { errorText } from './errorText.ts'

function thrownBy(work: () => unknown): unknown {
  try {
    work()
  } catch (error) {
    return error
  }
  throw new Error('it does not throw')
}

test.each<[string, () => unknown, string]>([
  ['a file that is not there', () => readFileSync('/no/such'), '/no/such: no such file or directory'],
  ['a folder in place of a file', () => readFileSync('/'), 'illegal operation on a directory (read)'],
  [
    'an answer of another form',
    () => z.object({ result: z.number() }).parse({ result: 'x' }),
    'an answer is not as expected at result: Invalid input: expected number, received string',
  ],
  [
    'what has many lines',
    () => {
      throw new Error('first\n  second\n')
    },
    'first; second',
  ],
])('%s is told in one line of words', (_, work, text) => expect(errorText(thrownBy(work))).toBe(text))

test('what is no error at all is told as it is', () => expect(errorText('gone')).toBe('gone'))
