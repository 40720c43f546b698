import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildSync } from 'esbuild'
import { afterEach, beforeEach, expect, test } from 'vitest'
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
const settings = () => ({ name: `guestnet-test-${process.pid}`, runDir: join(folder, 'run') })

/** What another process, which lives on, says to whether it has the instance. */
async function other(): Promise<{ child: ChildProcess; isTaken: boolean }> {
  const program = `
    import { takeInstance } from ${JSON.stringify(bundle())}
    console.log(await takeInstance(${JSON.stringify(settings())}))
    setInterval(() => undefined, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  children.push(child)
  const [said] = (await once(child.stdout, 'data')) as [Buffer]
  return { child, isTaken: said.toString().trim() === 'true' }
}

test('of twenty that start at once exactly one has it, and the next one when that is gone, whatever its end', async () => {
  const all = await Promise.all(Array.from({ length: 20 }, other))
  const winners = all.filter(({ isTaken }) => isTaken)
  expect(winners).toHaveLength(1)
  expect(await takeInstance(settings())).toBe(false)
  for (const { child } of winners) await end(child)
  expect((await other()).isTaken).toBe(true)
})

test('where the run directory was removed one of the next has it', async () => {
  await other()
  rmSync(settings().runDir, { recursive: true })
  const next = await Promise.all([other(), other()])
  expect(next.filter(({ isTaken }) => isTaken)).toHaveLength(1)
})

test('a run directory that others can write to is refused', async () => {
  chmodSync(folder, 0o777)
  await expect(takeInstance({ ...settings(), runDir: folder })).rejects.toThrow('nobody else may write to it')
})

test('an older guestnet that has the name is respected', async () => {
  const server = createServer().listen(`\0guestnet/${settings().name}`)
  await once(server, 'listening')
  expect(await takeInstance(settings())).toBe(false)
  server.close()
})

test('who else has bound that name is not', async () => {
  const bind = `use Socket; socket(my $s, AF_UNIX, SOCK_STREAM, 0); bind($s, pack_sockaddr_un("\\0guestnet/${settings().name}")) or die; listen($s, 5); $| = 1; print "bound\\n"; sleep 600`
  const child = spawn('perl', ['-e', bind], { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  await once(child.stdout, 'data')
  expect(await takeInstance(settings())).toBe(true)
})
