import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, describe, expect, test } from 'vitest'
import { chainScript, formerOf, hookScript } from './script.ts'

const folder = mkdtempSync(join(tmpdir(), 'hooks-'))
afterAll(() => rmSync(folder, { recursive: true }))

function executable(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  chmodSync(path, 0o755)
  return path
}

/** Runs a hookscript as Proxmox does, with a `guestnet` that says what it is given and fails. */
async function call(script: string): Promise<{ exitCode: number | undefined; stdout: string }> {
  executable('guestnet', '#!/bin/sh\necho "guestnet $*"\nexit 7\n')
  const path = executable('script', script)
  const PATH = `${folder}:${process.env.PATH}`
  const { exitCode, stdout } = await execa(path, ['100', 'pre-start'], { env: { PATH }, reject: false })
  return { exitCode, stdout }
}

test('the hookscript calls guestnet, and never fails', async () => {
  expect(await call(hookScript())).toEqual({ exitCode: 0, stdout: 'guestnet hook 100 pre-start' })
})

test('the hookscript does nothing where guestnet was removed', async () => {
  const path = executable('alone', hookScript())
  const { exitCode, all } = await execa(path, ['100', 'pre-start'], {
    env: { PATH: '/bin' },
    all: true,
    reject: false,
  })
  expect({ exitCode, all }).toEqual({ exitCode: 0, all: '' })
})

test('a guestnet that hangs is ended', async () => {
  const script = executable('impatient', hookScript())
  executable('guestnet', '#!/bin/sh\nexec sleep 60\n')
  const started = performance.now()
  const { exitCode } = await execa(script, ['100', 'pre-start'], {
    env: { PATH: `${folder}:${process.env.PATH}` },
  })
  expect(exitCode).toBe(0)
  expect(performance.now() - started).toBeLessThan(10_000)
})

describe('a chaining script', () => {
  test.each([0, 1, 42])('runs the former first and ends with its exit status %i', async status => {
    const former = executable("the user's own", `#!/bin/sh\necho "own $*"\nexit ${status}\n`)
    expect(await call(chainScript('local:snippets/own', former))).toEqual({
      exitCode: status,
      stdout: 'own 100 pre-start\nguestnet hook 100 pre-start',
    })
  })

  test('fails where the former is missing, as before', async () => {
    const { exitCode } = await call(chainScript('local:snippets/own', '/nonexistent'))
    expect(exitCode).toBe(127)
  })

  test('remembers what was set before', () => {
    expect(formerOf(chainScript('nfs:snippets/own.pl', '/mnt/pve/nfs/snippets/own.pl'))).toBe(
      'nfs:snippets/own.pl',
    )
    expect(formerOf(hookScript())).toBeUndefined()
  })
})
