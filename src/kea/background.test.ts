import { expect, test } from 'vitest'
import { observation } from '../../test/builders.ts'
import type { ChangeOf } from '../core/driver.ts'
import { DONE, failed, type Result } from '../core/values/result.ts'
import { BackgroundKeas } from './background.ts'

const BEFORE = { before: observation() }
const SPARE = { kind: 'spare-start', slot: 3, family: 'ipv4' } as const
const SERVE: ChangeOf<'preparations'> = {
  kind: 'server-prepare',
  server: 'dhcp4-1',
  slot: 1,
  builds: 'build',
  config: '',
  offers: [],
}

/** Keas of which each step ends as it is told, and what was done in which order. */
function keasWith(outcome: { build?: Result; start?: Result; serve?: Result } = {}) {
  const done: string[] = []
  const told: boolean[] = []
  const step = (name: string, result: Result = DONE) => {
    done.push(name)
    return Promise.resolve(result)
  }
  const keas = new BackgroundKeas({
    build: slot => step(`build ${slot}`, outcome.build),
    start: slot => step(`start ${slot}`, outcome.start),
    serve: ({ slot }) => step(`serve ${slot}`, outcome.serve),
    onDone: ({ awaited, result }) => told.push(awaited && result.ok),
  })
  return { keas, done, told, outcome }
}

test('what begins is being started until it is up, and whoever applies it goes on', async () => {
  const { keas, done, told } = keasWith()
  expect(await keas.apply([SERVE], BEFORE)).toEqual(new Map())
  expect((await keas.observe()).starting).toEqual(new Map([[1, { family: 'ipv4', server: 'dhcp4-1' }]]))
  expect(told).toEqual([])
  await keas.settled()
  expect(done).toEqual(['build 1', 'serve 1'])
  expect(told).toEqual([true])
  expect(await keas.observe()).toEqual({ starting: new Map(), ready: new Set([1]), failures: new Map() })
})

test('those of a family come up one after the other', async () => {
  const { keas, done } = keasWith()
  await keas.apply([SERVE, SPARE], BEFORE)
  await keas.settled()
  expect(done).toEqual(['build 1', 'serve 1', 'start 3'])
})

test('none is started where it has no namespace', async () => {
  const { keas, done } = keasWith({ build: failed('no memory') })
  await keas.apply([SERVE], BEFORE)
  await keas.settled()
  expect(done).toEqual(['build 1'])
  expect((await keas.observe()).failures).toEqual(
    new Map([['ipv4', { what: expect.stringContaining('dhcp4-1'), why: 'no memory', rests: 'all' }]]),
  )
})

test('a failure is known until one comes up that can do it', async () => {
  const { keas, outcome } = keasWith({ serve: failed('no memory') })
  const failures = async (change: ChangeOf<'preparations' | 'spares'>) => {
    await keas.apply([change], BEFORE)
    await keas.settled()
    return [...(await keas.observe()).failures.keys()]
  }
  expect(await failures(SERVE)).toEqual(['ipv4'])
  expect(await failures(SPARE)).toEqual(['ipv4'])
  outcome.serve = DONE
  expect(await failures(SERVE)).toEqual([])
})
