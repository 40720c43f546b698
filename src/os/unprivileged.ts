import { readText } from './files.ts'
import { FileTexts } from './fileTexts.ts'

/** A system user, as passwd(5) has it. */
export interface SystemUser {
  readonly uid: number
  readonly gid: number
}

/** It is asked for with every look at a daemon, and hardly ever changes. */
const FILES = new FileTexts()

/** The user of that name; `undefined` if the node has none. */
export function userNamed(name: string, passwd = '/etc/passwd'): SystemUser | undefined {
  const file = FILES.read(passwd)
  const lines = file.ok ? file.text.split('\n') : []
  const [, , uid, gid] = lines.find(line => line.startsWith(`${name}:`))?.split(':') ?? []
  return uid !== undefined && gid !== undefined && /^\d+$/.test(uid) && /^\d+$/.test(gid)
    ? { uid: Number(uid), gid: Number(gid) }
    : undefined
}

/** A capability as setpriv(1) calls it, capabilities(7). */
export type Capability = 'net_admin' | 'net_bind_service' | 'net_raw'

/**
 * What a command begins with to be run as a user, with these capabilities, and unable to get any other: setpriv(1), of
 * util-linux. Ambient ones outlast exec, which a user's other ones do not. `profile`: the AppArmor profile that confines
 * it, if one does; that says itself what may be run, and with "no new privileges" the kernel refuses to change from it to
 * another one.
 */
export function asUser(
  { uid, gid }: SystemUser,
  capabilities: readonly Capability[],
  profile?: string,
): string[] {
  const only = ['-all', ...capabilities.map(capability => `+${capability}`)].join(',')
  return [
    'setpriv',
    `--reuid=${uid}`,
    `--regid=${gid}`,
    '--clear-groups',
    `--inh-caps=${only}`,
    `--ambient-caps=${only}`,
    `--bounding-set=${only}`,
    ...(profile !== undefined && hasProfile(profile) ? [] : ['--no-new-privs']),
    '--',
  ]
}

/** Whether AppArmor has a profile of that name loaded. */
export function hasProfile(name: string, profiles = '/sys/kernel/security/apparmor/profiles'): boolean {
  const file = readText(profiles)
  return file.ok && file.text.split('\n').some(line => line.startsWith(`${name} (`))
}
