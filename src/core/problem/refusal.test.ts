import { expect, test } from 'vitest'
import { PROBLEM_CODES } from './problem.ts'
import { isDeliberate, problemOf, REFUSAL_CODES, type Refusal, type RefusalCode } from './refusal.ts'

const refusal = (code: RefusalCode): Refusal => ({
  code,
  message: 'the NIC has no MAC address',
  remedy: 'Set one.',
  where: { file: 'qemu-server/100.conf', line: 3 },
})

const problem = (code: RefusalCode) => problemOf(refusal(code), 'VM 100 net0', { vmid: 100, nic: 0 })

test('a refusal that is a problem says who is refused, why, what to do and where', () => {
  expect(problem('no-mac')).toEqual({
    code: 'mac-missing',
    message: 'VM 100 net0: the NIC has no MAC address.',
    remedy: 'Set one.',
    file: 'qemu-server/100.conf',
    line: 3,
    vmid: 100,
    nic: 0,
  })
})

test('where no line caused it, the problem names none', () => {
  const { where: _, ...nowhere } = refusal('no-mac')
  expect(Object.keys(problemOf(nowhere, 'VM 100 net0', {}) ?? {})).toEqual(['code', 'message', 'remedy'])
})

test('a refusal that is reported as a problem is one of the known problems', () => {
  const codes = REFUSAL_CODES.flatMap(code => problem(code)?.code ?? [])
  expect(codes.length).toBeGreaterThan(0)
  expect(PROBLEM_CODES).toEqual(expect.arrayContaining(codes))
})

test('what somebody meant so is no problem', () => {
  const meant = REFUSAL_CODES.filter(code => isDeliberate(refusal(code)))
  expect(meant.length).toBeGreaterThan(0)
  expect(meant.filter(code => problem(code) !== undefined)).toEqual([])
})
