import { expect, test } from 'vitest'
import { DONE, failed } from '../core/values/result.ts'
import { ReplyParser, resultOf } from './reply.ts'

test('answers are put together from whatever pieces arrive', () => {
  const text =
    '0001 BIRD 2.0.12 ready.\n1000-BIRD 2.0.12\n1011-Router ID is 1.2.3.4\n Hostname is vm\n0013 Daemon is up\n'
  const whole = new ReplyParser().push(text)
  const parser = new ReplyParser()
  expect([...text].flatMap(letter => parser.push(letter))).toEqual(whole)
  expect(whole).toEqual([
    [{ code: 1, text: 'BIRD 2.0.12 ready.' }],
    [
      { code: 1000, text: 'BIRD 2.0.12' },
      { code: 1011, text: 'Router ID is 1.2.3.4' },
      { code: 1011, text: 'Hostname is vm' },
      { code: 13, text: 'Daemon is up' },
    ],
  ])
})

test('what BIRD logs meanwhile is no part of an answer', () => {
  expect(new ReplyParser().push('+log line\n0003 Reconfigured\n')).toEqual([
    [{ code: 3, text: 'Reconfigured' }],
  ])
})

test('a refusal is told with file, line and column', () => {
  const [reply = []] = new ReplyParser().push(
    '0002-Reading configuration\n8002 /x/bird.conf:3:5 syntax error\n',
  )
  expect(resultOf(reply)).toEqual(failed('/x/bird.conf:3:5 syntax error'))
  expect(resultOf([{ code: 3, text: 'Reconfigured' }])).toEqual(DONE)
})
