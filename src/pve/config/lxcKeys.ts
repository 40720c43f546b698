import {
  DNS_NAME,
  DNS_NAME_LIST,
  LXC_ADDRESS_LIST,
  SNAPSHOT_NAME,
  STARTUP,
  TAG_LIST,
  VOLUME,
} from './formats.ts'
import {
  boolean,
  each,
  integer,
  type KeyRules,
  number,
  numbered,
  plain,
  properties,
  text,
} from './keyRules.ts'
import { LXC_NET } from './lxcNet.ts'
import type { PropertySchema } from './propertyString.ts'
import { BOOLEAN, scalar } from './scalar.ts'

const FEATURES: PropertySchema = {
  properties: {
    mount: scalar('a list of file systems between semicolons', /^[a-zA-Z0-9_; ]+$/),
    nesting: BOOLEAN,
    keyctl: BOOLEAN,
    fuse: BOOLEAN,
    mknod: BOOLEAN,
    force_rw_sys: BOOLEAN,
  },
}

/** The keys of a container's file (pct.conf(5)). */
export const LXC_KEYS: KeyRules = new Map([
  ...each(boolean, 'console debug onboot protection template unprivileged'),
  ...each(integer, 'cores cpuunits memory snaptime swap tty'),
  ...each(number, 'cpulimit'),
  ...each(text, 'arch cmode description entrypoint env lock ostype rootfs timezone'),
  ['hostname', plain(DNS_NAME)],
  ['searchdomain', plain(DNS_NAME_LIST)],
  ['nameserver', plain(LXC_ADDRESS_LIST)],
  ['tags', plain(TAG_LIST)],
  ['parent', plain(SNAPSHOT_NAME)],
  ['hookscript', plain(VOLUME)],
  ['startup', plain(STARTUP)],
  ['features', properties(FEATURES)],
  ...numbered(properties(LXC_NET), 'net', 32),
  ...numbered(text, 'dev', 256),
  ...numbered(text, 'mp', 256),
  ...numbered(text, 'unused', 256),
])

/**
 * The raw options of lxc.container.conf(5) that Proxmox hands on, by their names without `lxc.`. The older
 * names of LXC 2 are among them: Proxmox only says that they are out of date.
 */
const RAW_KEYS = new Set(
  `apparmor.profile apparmor.allow_incomplete apparmor.allow_nesting apparmor.raw selinux.context
   include arch uts.name signal.halt signal.reboot signal.stop init.cmd init.cwd init.uid init.gid
   init.groups pty.max console.logfile console.path tty.max devtty.dir hook.autodev autodev kmsg
   mount.fstab mount.entry mount.auto rootfs.mount cap.drop cap.keep seccomp.profile
   seccomp.notify.proxy seccomp.notify.cookie idmap hook.pre-start hook.pre-mount hook.mount hook.start
   hook.stop hook.post-stop hook.clone hook.destroy hook.version log.level log.file start.auto
   start.delay start.order group environment environment.runtime environment.hooks sysctl.fs.mqueue
   sysctl.kernel.msgmax sysctl.kernel.msgmnb sysctl.kernel.msgmni sysctl.kernel.sem
   sysctl.kernel.shmall sysctl.kernel.shmmax sysctl.kernel.shmmni sysctl.kernel.shm_rmid_forced
   aa_profile aa_allow_incomplete console devttydir haltsignal rebootsignal stopsignal id_map init_cmd
   loglevel logfile mount network.type network.flags network.link network.mtu network.name
   network.hwaddr network.ipv4 network.ipv4.gateway network.ipv6 network.ipv6.gateway network.script.up
   network.script.down pts se_context seccomp tty utsname`.split(/\s+/),
)

/** Whole families of raw options that Proxmox hands on unseen. */
const RAW_FAMILIES = /^(?:cgroup|cgroup2|limit|net|prlimit)\./

/** Whether Proxmox hands on the raw option `lxc.<name>`. */
export function isRawKey(name: string): boolean {
  return RAW_KEYS.has(name) || RAW_FAMILIES.test(name)
}
