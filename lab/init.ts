import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { eventually } from './eventually.ts'
import { readdirOrNothing } from './namespace.ts'
import type { Site } from './site.ts'

/** DNS as the simulated node knows it, whatever the machine has. */
export const NODE_RESOLV_CONF = 'search lab.example\nnameserver 198.51.100.53\n'

/** Starts the process that keeps a node's namespaces, in which `pveRoot` is /etc/pve; its pid. */
export async function startInit(lab: Site, netns: string, dir: string, pveRoot: string): Promise<number> {
  const resolvConf = join(dir, 'resolv.conf')
  const ready = join(dir, 'ready')
  writeFileSync(resolvConf, NODE_RESOLV_CONF)
  const script = [
    // What a new /sys does not show, and guestnet asks: which programs AppArmor confines.
    'if [ -d /sys/kernel/security/apparmor ]; then has_apparmor=yes; fi',
    'mount -t sysfs sysfs /sys',
    '{ [ -z "$has_apparmor" ] || mount -t securityfs securityfs /sys/kernel/security; }',
    'mount -t tmpfs netns /run/netns',
    ...etcOf(join(dir, 'etc'), pveRoot),
    `mount --bind ${resolvConf} /etc/resolv.conf`,
    `touch ${ready}`,
    'exec sleep infinity',
  ].join(' && ')
  const enter = ['nsenter', `--net=/run/netns/${netns}`, 'unshare', '--mount', '--propagation', 'slave']
  const init = lab.spawn(`${netns}-init`, [...enter, 'sh', '-c', script])
  await eventually(`${netns} is ready`, () => readdirOrNothing(dir).includes('ready') && init.running, {
    everyMs: 2,
    dump: () => lab.dump(),
  })
  return init.pid
}

/**
 * The machine's /etc may have no place for /etc/pve: the node sees another one above it, which is gone with its mounts. /etc/pve is a
 * link there, as a mount would go on showing a tree that is put aside.
 */
function etcOf(folder: string, pveRoot: string): string[] {
  const [upper, work] = [join(folder, 'upper'), join(folder, 'work')]
  return [
    `mkdir ${folder}`,
    `mount -t tmpfs etc ${folder}`,
    `mkdir ${upper} ${work}`,
    `mount -t overlay etc -o lowerdir=/etc,upperdir=${upper},workdir=${work} /etc`,
    'if [ -d /etc/pve ]; then rmdir /etc/pve; fi',
    `ln -s ${pveRoot} /etc/pve`,
  ]
}
