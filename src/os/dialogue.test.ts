import { afterEach, describe, expect, test } from 'vitest'
import { Dialogue, type DialogueOptions } from './dialogue.ts'

/** Says its process id, complains, ends, stays silent, or says what it was told; each line in full before the next. */
const PROGRAM = `while read -r word rest; do
  case $word in
    pid) echo $$ ;;
    complain) echo "no: $rest" >&2 ;;
    end) exit 3 ;;
    wait) sleep 60 ;;
    *) echo "$word $rest" ;;
  esac
done`

let dialogue: Dialogue
afterEach(() => dialogue.end())

function begin(options: Partial<DialogueOptions> = {}): void {
  dialogue = new Dialogue({ program: 'sh', args: ['-c', PROGRAM], linesAtMost: 100, ...options })
}

const isEnd = (line: string) => line === 'over .'
const say = (...lines: string[]) => dialogue.say([...lines, 'over .'], isEnd)
const pidOf = async () => {
  const answer = await say('pid')
  return answer.ok ? answer.lines[0] : answer.reason
}

test('what is printed up to the last line is the answer, complaints in their place', async () => {
  begin()
  expect(await say('a 1', 'complain b', 'c 2')).toEqual({ ok: true, lines: ['a 1', 'no: b', 'c 2'] })
  expect(await say()).toEqual({ ok: true, lines: [] })
})

test('one program hears one thing after the other, in the order in which it was said', async () => {
  begin()
  const answers = await Promise.all([say('a 1', 'pid'), say('b 2'), say('pid')])
  const lines = answers.flatMap(answer => (answer.ok ? answer.lines : [answer.reason]))
  expect(lines).toEqual(['a 1', lines[1], 'b 2', lines[1]])
})

test('who hears it is told before', async () => {
  begin()
  const pids: number[] = []
  const answer = await dialogue.say(['pid', 'over .'], isEnd, pid => pids.push(pid))
  expect(answer).toEqual({ ok: true, lines: pids.map(String) })
})

test('after so many lines another one takes over', async () => {
  begin({ linesAtMost: 4 })
  const [first, second, third] = [await pidOf(), await pidOf(), await pidOf()]
  expect(second).toBe(first)
  expect(third).not.toBe(first)
})

describe('where no answer comes', () => {
  test('since the program ends, that is why, and the next one is asked next', async () => {
    begin()
    expect(await say('end')).toEqual({ ok: false, reason: 'sh ended with exit status 3' })
    expect(await say('a 1')).toEqual({ ok: true, lines: ['a 1'] })
  })

  test('since the program is not there, that is why', async () => {
    begin({ program: 'guestnet-no-such-program' })
    expect(await say('a 1')).toEqual({
      ok: false,
      reason: 'guestnet-no-such-program ended with exit status 127',
    })
  })

  test('in time, the program is ended', async () => {
    begin({ timeout: 100 })
    const before = await pidOf()
    expect(await say('wait')).toEqual({ ok: false, reason: 'sh did not answer within 0.1 s' })
    expect(await pidOf()).not.toBe(before)
  })
})
