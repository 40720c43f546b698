import { existsSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { birdPaths } from '../bird/paths.ts'
import type { Settings } from '../core/node/settings.ts'
import { readText } from '../os/files.ts'
import { run } from '../os/program.ts'
import { toldOf } from './guestFile.ts'

/** One file of the archive, and how its text is come by. */
export interface Part {
  readonly file: string
  readonly text: () => Promise<string> | string
}

/** Characters of a log, from its end. */
const TAIL = 200_000

/** What programs and files tell of an instance, each as it stands. */
export function partsOf(settings: Settings): Part[] {
  const { name, runDir, config } = settings
  const bird = birdPaths(runDir)
  return [
    says('versions/kernel.txt', 'uname', '-a'),
    says(
      'versions/packages.txt',
      'dpkg-query',
      '-W',
      'kea-dhcp4-server',
      'kea-dhcp6-server',
      'bird2',
      'nftables',
      'iproute2',
      'nodejs',
      'pve-manager',
    ),
    { file: 'versions/debian.txt', text: () => read('/etc/os-release') },
    { file: 'config/guestnet.yaml', text: () => read(config) },
    ...guestFiles(settings),
    says('nft.txt', 'nft', 'list', 'table', 'netdev', name),
    says('ip/links.txt', 'ip', '-d', 'link'),
    says('ip/addresses.txt', 'ip', 'address'),
    says('ip/rules4.txt', 'ip', '-4', 'rule'),
    says('ip/rules6.txt', 'ip', '-6', 'rule'),
    says('ip/routes4.txt', 'ip', '-4', 'route', 'show', 'table', 'all'),
    says('ip/routes6.txt', 'ip', '-6', 'route', 'show', 'table', 'all'),
    says('ip/neighbours.txt', 'ip', 'neigh'),
    ...filesBelow(join(runDir, 'kea'), 'kea'),
    ...(existsSync(bird.socket) ? birdParts(bird.socket) : []),
    ...filesBelow(bird.folder, 'bird'),
  ]
}

function birdParts(socket: string): Part[] {
  return [
    says('bird/status.txt', 'birdc', '-r', '-s', socket, 'show', 'status'),
    says('bird/protocols.txt', 'birdc', '-r', '-s', socket, 'show', 'protocols', 'all'),
    says('bird/routes.txt', 'birdc', '-r', '-s', socket, 'show', 'route', 'all'),
  ]
}

function guestFiles({ pveRoot, node }: Settings): Part[] {
  return (['qemu-server', 'lxc'] as const).flatMap(kind => {
    const folder = join(pveRoot, 'nodes', node, kind)
    return list(folder)
      .filter(file => /^\d+\.conf$/.test(file))
      .map(file => ({ file: `config/${kind}/${file}`, text: () => toldOf(read(join(folder, file))) }))
  })
}

/** Configurations, leases and logs as they lie there, their ends where they are long. */
function filesBelow(folder: string, name: string): Part[] {
  return list(folder, true)
    .filter(file => /\.(?:conf|csv|log)$/.test(file))
    .map(file => ({ file: `${name}/${file}`, text: () => read(join(folder, file)).slice(-TAIL) }))
}

function says(file: string, program: string, ...args: string[]): Part {
  return {
    file,
    text: async () => {
      const said = await run(program, args)
      return said.ok ? `${said.stdout}\n` : `(${said.reason})\n`
    },
  }
}

function read(path: string): string {
  const file = readText(path)
  return file.ok ? file.text : `(${basename(path)}: ${file.absent ? 'there is none' : file.reason})\n`
}

function list(folder: string, recursive = false): string[] {
  try {
    return readdirSync(folder, { recursive, encoding: 'utf8' })
  } catch {
    return []
  }
}
