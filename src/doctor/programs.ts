import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { hooksFolder } from '../kea/directories.ts'
import { run } from '../os/program.ts'
import { bad, type Check, doubtful, good } from './check.ts'

interface Program {
  readonly name: string
  readonly args: readonly string[]
  readonly debianPackage: string
  /** The oldest that guestnet is tested with. */
  readonly oldest: readonly [number, number]
}

const PROGRAMS: readonly Program[] = [
  { name: 'ip', args: ['-V'], debianPackage: 'iproute2', oldest: [6, 1] },
  { name: 'nft', args: ['--version'], debianPackage: 'nftables', oldest: [1, 0] },
  { name: 'kea-dhcp4', args: ['-v'], debianPackage: 'kea-dhcp4-server', oldest: [2, 2] },
  { name: 'kea-dhcp6', args: ['-v'], debianPackage: 'kea-dhcp6-server', oldest: [2, 2] },
]

/** The programs guestnet drives, with their versions, and Kea's lease commands. */
export async function checkPrograms(): Promise<Check[]> {
  const programs = await Promise.all(PROGRAMS.map(checkProgram))
  const hook = join(hooksFolder(), 'libdhcp_lease_cmds.so')
  const hooks = existsSync(hook)
    ? good('Kea lease commands', hook)
    : bad(
        'Kea lease commands',
        `${hook} is missing`,
        'Install the package kea-dhcp4-server (and kea-common) again.',
      )
  return [...programs, hooks]
}

/** Whether a program is there and not too old. */
export async function checkProgram({ name, args, debianPackage, oldest }: Program): Promise<Check> {
  const outcome = await run(name, args)
  if (!outcome.ok) {
    return bad(
      name,
      outcome.missing ? 'is not installed' : outcome.reason,
      `Install the package ${debianPackage}.`,
    )
  }
  const text = `${outcome.stdout} ${outcome.stderr}`
  const [, major, minor] = /(\d+)\.(\d+)/.exec(text) ?? []
  const version = `${major}.${minor}`
  const isOlder = Number(major) < oldest[0] || (Number(major) === oldest[0] && Number(minor) < oldest[1])
  if (isOlder)
    return doubtful(name, `version ${version} is older than ${oldest.join('.')}, the oldest that is tested`)
  return good(name, text.trim().split('\n')[0] ?? version)
}
