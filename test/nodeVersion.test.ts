import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const CHECK = 'scripts/nodeVersion.js'
const { engines } = JSON.parse(readFileSync('package.json', 'utf8')) as { engines: { node: string } }
const needed = engines.node.replace('>=', '')

/** Runs the check as that version of Node.js would. */
function as(version: string) {
  const disguise = `Object.defineProperty(process, 'versions', { value: { node: '${version}' } })`
  const { status, stderr } = spawnSync(process.execPath, [
    '--import',
    `data:text/javascript,${disguise}`,
    CHECK,
  ])
  return { status, told: String(stderr) }
}

test.each([`${needed}.0`, '20.20.2', '22.0.0', '24.11.1'])('Node.js %s will do', version => {
  expect(as(version)).toEqual({ status: 0, told: '' })
})

test.each(['18.20.4', '20.18.3', '16.0.0'])(
  'Node.js %s is refused in one line that says what to do',
  version => {
    const { status, told } = as(version)
    expect(status).toBe(1)
    expect(told).toMatch(/^guestnet needs Node\.js .*Debian 13: apt install nodejs npm\. Debian 12: .*\n$/)
    expect(told).toContain(`${needed} or newer, and this is ${version}`)
  },
)
