import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildSync } from 'esbuild'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { markOf } from '../core/routing/mark.ts'
import { giveUpMark, isMarkFree } from '../iproute2/markClaim.ts'
import { takeInstance } from './instanceLock.ts'

let folder: string
let children: ChildProcess[]
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'guestnet-'))
  children = []
  const entryPoints = [join(import.meta.dirname, 'instanceLock.ts')]
  buildSync({ entryPoints, outfile: bundle(), bundle: true, platform: 'node', format: 'esm' })
})
afterEach(async () => {
  for (const child of children) await end(child)
  rmSync(folder, { recursive: true, force: true })
})

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}

const bundle = () => join(folder, 'instanceLock.mjs')
const NAME = `guestnet-test-${process.pid}`
const settings = (name = NAME) => ({ name, runDir: join(folder, 'run', name) })
const marks = () => join(folder, 'marks')
const take = (instance = settings()) => takeInstance(instance, marks())

/** One name in eighty has the mark of another. */
function nameWithTheMarkOf(name: string): string {
  const others = Array.from({ length: 10_000 }, (_, number) => `other${number}`)
  const found = others.find(other => markOf(other) === markOf(name))
  if (found === undefined) throw new Error(`no name has the mark of ${name}`)
  return found
}

/** What another process, which lives on, says to whether it has the instance. */
async function other(instance = settings()): Promise<{ child: ChildProcess; isTaken: boolean }> {
  const program = `
    import { takeInstance } from ${JSON.stringify(bundle())}
    console.log((await takeInstance(${JSON.stringify(instance)}, ${JSON.stringify(marks())})).ok)
    setInterval(() => undefined, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  children.push(child)
  const [said] = (await once(child.stdout, 'data')) as [Buffer]
  return { child, isTaken: said.toString().trim() === 'true' }
}

test('of twenty that start at once exactly one has it, and the next one when that is gone, whatever its end', async () => {
  const all = await Promise.all(Array.from({ length: 20 }, () => other()))
  const winners = all.filter(({ isTaken }) => isTaken)
  expect(winners).toHaveLength(1)
  expect(await take()).toMatchObject({ ok: false, isOwnAgent: true })
  for (const { child } of winners) await end(child)
  expect((await other()).isTaken).toBe(true)
})

test('where the run directory was removed nobody has it until its process is gone, and then one of the next', async () => {
  const { child } = await other()
  rmSync(settings().runDir, { recursive: true })
  expect(await take()).toMatchObject({ ok: false, isOwnAgent: true })
  await end(child)
  rmSync(settings().runDir, { recursive: true })
  const next = await Promise.all([other(), other()])
  expect(next.filter(({ isTaken }) => isTaken)).toHaveLength(1)
})

test('a run directory that others can write to is refused', async () => {
  chmodSync(folder, 0o777)
  await expect(take({ ...settings(), runDir: folder })).rejects.toThrow('nobody else may write to it')
})

test('an older guestnet that has the name is respected', async () => {
  const server = createServer().listen(`\0guestnet/${settings().name}`)
  await once(server, 'listening')
  expect(await take()).toMatchObject({ ok: false, isOwnAgent: true })
  server.close()
})

test('who else has bound that name is not', async () => {
  const bind = `use Socket; socket(my $s, AF_UNIX, SOCK_STREAM, 0); bind($s, pack_sockaddr_un("\\0guestnet/${settings().name}")) or die; listen($s, 5); $| = 1; print "bound\\n"; sleep 600`
  const child = spawn('perl', ['-e', bind], { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  await once(child.stdout, 'data')
  expect(await take()).toEqual({ ok: true })
})

test('an instance with the mark of another one is refused, and told which, whether that runs or not', async () => {
  const second = settings(nameWithTheMarkOf(NAME))
  const { child } = await other()
  const whileItRuns = await take(second)
  expect(whileItRuns).toMatchObject({
    ok: false,
    isOwnAgent: false,
    reason: expect.stringContaining(`${NAME}, which runs on this node as process ${child.pid}`),
  })
  expect(isMarkFree(second, marks())).toEqual(whileItRuns)
  await end(child)
  expect(await take(second)).toMatchObject({
    ok: false,
    isOwnAgent: false,
    reason: expect.stringContaining(`${NAME}, which does not run but has set up what is here`),
  })
  expect(isMarkFree(settings(), marks())).toEqual({ ok: true })
  expect((await other()).isTaken).toBe(true)
})

test('one with a mark of its own is not', async () => {
  await other()
  const names = ['a', 'b', 'c', 'd', 'e'].map(end => NAME + end)
  const name = names.find(candidate => markOf(candidate) !== markOf(NAME)) ?? NAME
  expect(await take(settings(name))).toEqual({ ok: true })
})

test('a mark is free when its instance is torn down, and when its run directory is gone', async () => {
  const second = settings(nameWithTheMarkOf(NAME))
  expect(await take()).toEqual({ ok: true })
  giveUpMark(settings(), marks())
  expect(isMarkFree(second, marks())).toMatchObject({ ok: false })
  rmSync(settings().runDir, { recursive: true })
  expect(isMarkFree(second, marks())).toEqual({ ok: true })
  giveUpMark(settings(), marks())
  expect(existsSync(marks())).toBe(false)
  expect((await other(second)).isTaken).toBe(true)
})
