import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LabGuest } from '../guest.ts'
import { type LabProcess, run } from '../process.ts'

/**
 * Clients believe that the whole machine is theirs: they rewrite /etc/resolv.conf, set the host name, keep leases below
 * /var and /run. This starts one where these are the guest's own. The network namespace is the guest's too; the
 * read-only /sys tells systemd that no udev will ever announce a link.
 */
export async function startInMachine(
  guest: LabGuest,
  name: string,
  command: readonly string[],
): Promise<LabProcess> {
  const etc = join(guest.dir, 'etc')
  if (!existsSync(etc)) await guest.lab.step(() => run(['cp', '-a', '/etc', etc]))
  writeFileSync(join(etc, 'resolv.conf'), '')
  const script = [
    `mount --bind ${etc} /etc`,
    `mount --bind ${guest.lab.folder('guests', guest.netns, 'run')} /run`,
    'mount -t tmpfs var /var/lib',
    'mkdir -p /var/lib/dhcp /var/lib/dhcpcd /run/dhcpcd',
    'mount -o remount,ro /sys',
    'hostname localhost',
    'exec "$@"',
  ].join(' && ')
  return guest.spawn(name, 'unshare', [
    '--mount',
    '--uts',
    '--propagation',
    'private',
    'sh',
    '-c',
    script,
    'sh',
    ...command,
  ])
}

/** /etc/resolv.conf as the guest's clients have left it. */
export function resolvConfOf(guest: LabGuest): string {
  return readFileSync(join(guest.dir, 'etc/resolv.conf'), 'utf8')
}
