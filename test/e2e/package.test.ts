import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
const PACKAGE = `dist/guestnet_${version}_all.deb`

let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'guestnet-package-'))
  await make()
  await execa('dpkg-deb', ['--extract', PACKAGE, folder])
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Makes the package, as somebody with such a umask and such settings. Returns what tells its bytes from others. */
async function make(umask = '022', env: Readonly<Record<string, string>> = {}): Promise<string> {
  await execa('bash', ['-c', `umask ${umask}; exec bash scripts/package.sh`], { env })
  return createHash('sha256').update(readFileSync(PACKAGE)).digest('hex')
}

test('the same files give the same bytes, whoever makes it, where on earth', async () => {
  const first = createHash('sha256').update(readFileSync(PACKAGE)).digest('hex')
  expect(await make('077', { TZ: 'Asia/Tokyo', LC_ALL: 'C', USER: 'nobody' })).toBe(first)
})

test('lintian finds nothing', async () => {
  const { all } = await execa('lintian', ['--allow-root', '--fail-on', 'error,warning', PACKAGE], {
    all: true,
    reject: false,
  })
  expect(all).toBe('')
})

test('the program in it runs, and tells its version', async () => {
  const program = join(folder, 'usr/share/guestnet/guestnet.mjs')
  const { stdout } = await execa(process.env.LAB_NODE ?? process.execPath, [program, '--version'])
  expect(stdout).toMatch(
    new RegExp(`^${version.replaceAll('.', '\\.')}( \\(commit [0-9a-f]{12}(, changed)?\\))?$`),
  )
})

test('its maintainer scripts are such that sh takes them', async () => {
  const control = join(folder, 'DEBIAN')
  await execa('dpkg-deb', ['--control', PACKAGE, control])
  const scripts = ['preinst', 'postinst', 'prerm', 'postrm'].map(name => join(control, name))
  for (const script of scripts) await execa('sh', ['-n', script])
})
