import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { STORY } from '../../lab/demo/story.ts'
import { readdirOrNothing } from '../../lab/namespace.ts'

/** Starts the demo; `find` tells what there is of this very run: processes, namespaces and folders. */
function startDemo(...args: string[]) {
  const demo = execa(process.execPath, ['dist/demo.js', ...args], { reject: false })
  const isOfDemo = (text: string) => text.includes(`demo${demo.pid}-`)
  const find = async () => {
    const { stdout } = await execa('ps', ['-e', '-o', 'args='])
    return [...stdout.split('\n'), ...readdirOrNothing('/run/netns'), ...readdirSync(tmpdir())].filter(
      isOfDemo,
    )
  }
  return { demo, find }
}

test('the demo shows every act, everything comes true, and nothing is left behind', async () => {
  const { demo, find } = startDemo('--fast')
  const { exitCode, stdout } = await demo
  expect(exitCode, stdout).toBe(0)
  for (const { heading } of STORY) expect(stdout).toContain(heading)
  expect(stdout).toContain('203.0.113.20 via inet6 2001:db8:ffff::11 dev fabric')
  expect(stdout).toMatch(/IPv6: the next hop has moved \d+ ms after the rename/)
  expect(stdout).not.toContain('\u001b')
  expect(await find()).toEqual([])
})

test.each([
  { signal: 'SIGINT', status: 130 },
  { signal: 'SIGTERM', status: 143 },
  { signal: 'SIGHUP', status: 129 },
] as const)('$signal in its midst leaves nothing behind', async ({ signal, status }) => {
  const { demo, find } = startDemo('--fast')
  await new Promise<void>(resolve => {
    demo.stdout.on('data', chunk => {
      if (String(chunk).includes(STORY[1]?.heading ?? '')) resolve()
    })
  })
  await pause(500)
  expect(await find()).not.toEqual([])
  demo.kill(signal)
  expect(await demo).toExitWith(status)
  expect(await find()).toEqual([])
})

test('the demo explains its options, and refuses unknown ones', async () => {
  const { stdout, exitCode } = await startDemo('--help').demo
  expect(exitCode).toBe(0)
  for (const option of ['--keep', '--fast']) expect(stdout).toContain(option)
  expect(await startDemo('--quickly').demo).toExitWith(1)
})
