import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { commonOptions, inText } from '../../lab/agent.ts'
import { eventually } from '../../lab/eventually.ts'
import type { LabNode } from '../../lab/node.ts'
import { Fabric } from './fabric.ts'
import { container } from './world.ts'

let fabric: Fabric
let node: LabNode
/** In front of everything else in PATH. */
let bin: string

beforeAll(async () => {
  fabric = await Fabric.create('hk', { nodes: ['pve1'], agents: false })
  node = fabric.at('pve1').node
  bin = fabric.lab.folder('bin')
  for (const vmid of [100, 101]) fabric.write('pve1', vmid)
})
afterAll(() => fabric?.lab.close())

function executable(name: string, text: string): void {
  writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`)
  chmodSync(join(bin, name), 0o755)
}

const path = () => `PATH=${bin}:${process.env.PATH}`

/** Runs the hook as Proxmox does, which waits for it. */
function hook(words: readonly string[], environment: readonly string[] = []) {
  return inText(node, ['hook', ...words], environment)
}

/** The same; on a busy machine the agent may not answer within the hook's two seconds, and the next try tells more. */
const answeredHook = (...given: Parameters<typeof hook>) =>
  eventually(
    'the hook is answered in time',
    async () => {
      const outcome = await hook(...given)
      const isLate = outcome.stdout.includes('has not answered in time')
      return isLate ? Promise.reject(new Error(outcome.stdout)) : outcome
    },
    { timeoutMs: 25_000 },
  )

/** A line for the task log, and exit status 0. How long it took it says there, too. */
function expectLine({ exitCode, stdout, stderr }: Awaited<ReturnType<typeof hook>>, line: RegExp): void {
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
  expect(stdout).toMatch(line)
  expect(stdout.split('\n')).toHaveLength(1)
}

describe('without an agent', () => {
  test.each(['pre-start', 'post-start', 'pre-stop', 'post-stop'])(
    '%s says so and ends at once',
    async phase => {
      expectLine(
        await answeredHook(['100', phase]),
        /^guestnet: guest 100: no agent answers on this node .* \(\d+ ms\)$/,
      )
    },
  )

  test.each([
    [[]],
    [['nonsense']],
    [['-1', 'post-start']],
    [['100x', 'post-start', 'and', 'more']],
    [['--no-such-option']],
    [['100', 'post\nstart']],
  ])('%j does no harm', async words => {
    expectLine(await hook(words), /^guestnet: /)
  })
})

describe('with an agent', () => {
  beforeAll(async () => {
    fabric.startAgent('pve1')
    await fabric.report('pve1', ({ announcing }) => announcing?.peers.some(({ isUp }) => isUp) === true)
  })

  test('post-start waits until the guest is served and announced', async () => {
    await node.start(100)
    const both = '203.0.113.100 and 2001:db8:a::100'
    expectLine(
      await answeredHook(['100', 'post-start'], ['PVE_MIGRATED_FROM=']),
      new RegExp(`^guestnet: VM 100 net0 served ${both}, announced ${both} to rtr01 \\(\\d+ ms\\)$`),
    )
    expect(await fabric.router.birdc('show', 'route', 'protocol', 'node1')).toContain('203.0.113.100/32')
  })

  test('a guest that has no port is given up', async () => {
    const outcome = await answeredHook(['101', 'post-start'])
    expectLine(outcome, /^guestnet: VM 101 net0 has no port yet/)
  })

  test('the target of a migration waits for nothing', async () => {
    const outcome = await answeredHook(['101', 'post-start'], ['PVE_MIGRATED_FROM=pve2'])
    expectLine(outcome, /^guestnet: guest 101 is coming from pve2: announced here as soon as it is here/)
  })

  test.each(['pre-start', 'pre-stop', 'post-stop'])('%s only wakes the agent', async phase => {
    expectLine(
      await answeredHook(['101', phase]),
      new RegExp(`^guestnet: guest 101: the agent has been told of ${phase}`),
    )
  })

  test('the script that is installed does the same', async () => {
    executable(
      'guestnet',
      `exec ${process.execPath} ${resolve('dist/guestnet.js')} "$@" ${commonOptions(node).join(' ')}`,
    )
    executable('qm', 'exit 0')
    const folder = storage('local', 'snippets')
    expect(await inText(node, ['hook', 'install', '100'], [path()])).toExitWith(0)
    const run = () => node.attempt('env', [path(), join(folder, 'guestnet-hook'), '100', 'post-start'])
    // On a busy machine it may give up after its two seconds, as it should; the next try tells more.
    const said = await eventually(
      'it tells that the guest is served',
      async () => {
        const { exitCode, stdout } = await run()
        return stdout.includes('VM 100 net0 served') ? { exitCode } : Promise.reject(new Error(stdout))
      },
      { timeoutMs: 25_000 },
    )
    expect(said).toEqual({ exitCode: 0 })
  })

  test('an agent that hangs holds nobody up', async () => {
    const { agent } = fabric.at('pve1')
    agent?.signal('SIGSTOP')
    const outcome = await hook(['100', 'post-start'])
    agent?.signal('SIGCONT')
    expectLine(outcome, /^guestnet: guest 100: the agent has not answered in time/)
  })

  afterAll(() => fabric.endAgent('pve1', 'SIGTERM'))
})

/** Makes a storage the cluster's only one; where its snippets are. */
function storage(name: string, content: string): string {
  const folder = fabric.lab.folder('storage', name)
  fabric.tree.writeFile('storage.cfg', `dir: ${name}\n\tpath ${folder}\n\tcontent ${content}\n`)
  return join(fabric.lab.folder('storage', name, 'snippets'))
}

/** Proxmox's own commands cannot be had here: these write down what they are told. What they do is not tested. */
describe('install and remove, with recording stand-ins for qm and pct', () => {
  let folder: string
  let log: string
  const SHARED = 'hookscript: local:snippets/guestnet-hook\n'

  beforeEach(() => {
    folder = storage('local', 'iso,snippets')
    log = join(fabric.lab.folder('recorded'), 'log')
    writeFileSync(log, '')
    for (const name of ['qm', 'pct']) executable(name, `echo "${name} $*" >> ${log}`)
    for (const vmid of [100, 101]) fabric.tree.edit(vmid, text => text.replace(/^hookscript.*\n/m, ''))
  })

  const run = (...words: string[]) => inText(node, ['hook', ...words], [path()])
  const recorded = () => readFileSync(log, 'utf8').trimEnd().split('\n')

  test('every guest of the node, VMs and containers', async () => {
    fabric.tree.write('pve1', 'lxc', 102, container(102))
    const { exitCode, stderr } = await run('install', '--all')
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    const volume = 'local:snippets/guestnet-hook'
    expect(recorded().toSorted()).toEqual([
      `pct set 102 --hookscript ${volume}`,
      `qm set 100 --hookscript ${volume}`,
      `qm set 101 --hookscript ${volume}`,
    ])
    expect(statSync(join(folder, 'guestnet-hook')).mode & 0o777).toBe(0o755)
    fabric.tree.remove(102)
  })

  test('a guest with a hookscript of its own keeps it, and has it back afterwards', async () => {
    writeFileSync(join(folder, 'own.sh'), '#!/bin/sh\nexit 3\n', { mode: 0o755 })
    fabric.tree.edit(100, text => `hookscript: local:snippets/own.sh\n${text}`)
    expect(await run('install', '100')).toExitWith(0)
    expect(recorded()).toEqual(['qm set 100 --hookscript local:snippets/guestnet-hook-100'])
    const chain = await node.attempt('env', [path(), join(folder, 'guestnet-hook-100'), '100', 'pre-start'])
    expect(chain).toExitWith(3)
    fabric.tree.edit(100, text => text.replace('own.sh', 'guestnet-hook-100'))
    expect(await run('remove', '100')).toExitWith(0)
    expect(recorded().at(-1)).toBe('qm set 100 --hookscript local:snippets/own.sh')
  })

  test('remove takes the script away from guests that had none', async () => {
    fabric.tree.edit(101, text => `${SHARED}${text}`)
    expect((await run('remove', '--all')).stdout).toBe('qm set 101 --delete hookscript')
    expect(recorded()).toEqual(['qm set 101 --delete hookscript'])
  })

  test('a dry run shows it all and does nothing', async () => {
    folder = storage('shown', 'snippets')
    const { exitCode, stdout } = await run('install', '100', '--storage', 'shown', '--dry-run')
    expect(exitCode).toBe(0)
    expect(stdout.split('\n')).toEqual([
      `write ${join(folder, 'guestnet-hook')}`,
      'qm set 100 --hookscript shown:snippets/guestnet-hook',
    ])
    expect(recorded()).toEqual([''])
    expect(existsSync(join(folder, 'guestnet-hook'))).toBe(false)
  })

  test('a storage that is not for snippets is refused with the command that makes it one', async () => {
    storage('local', 'iso,vztmpl')
    const { exitCode, stderr } = await run('install', '100')
    expect(exitCode).toBe(1)
    expect(stderr).toContain('pvesm set local --content iso,vztmpl,snippets')
    expect(recorded()).toEqual([''])
  })

  test('what Proxmox refuses for one guest is told, and the others go on', async () => {
    executable(
      'qm',
      `echo "qm $*" >> ${log}\n[ "$2" != 100 ] || { echo "VM is locked (backup)" >&2; exit 25; }`,
    )
    const { exitCode, stderr } = await run('install', '100', '101', '999')
    expect(exitCode).toBe(1)
    expect(stderr).toContain('VM is locked (backup)')
    expect(stderr).toContain('guest 999: it is not on node pve1')
    expect(recorded()).toHaveLength(2)
  })

  test('remove wants to know of whom', async () => {
    expect(await run('remove')).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('--all') })
  })
})

test.each(['hook', 'hook install', 'hook remove', 'drain', 'undrain'])(
  '%s explains itself with examples',
  async verb => {
    const { exitCode, stdout } = await inText(node, [...verb.split(' '), '--help'])
    expect(exitCode).toBe(0)
    expect(stdout).toContain('Examples:')
  },
)
