import {
  ADDRESS_LIST,
  DNS_NAME,
  HOTPLUG,
  SNAPSHOT_NAME,
  STARTUP,
  STORAGE,
  TAG_LIST,
  URL_ENCODED,
  VOLUME,
} from './formats.ts'
import { IPCONFIG } from './ipconfig.ts'
import {
  boolean,
  each,
  integer,
  type KeyRules,
  number,
  numbered,
  plain,
  properties,
  quotable,
  text,
} from './keyRules.ts'
import type { PropertySchema } from './propertyString.ts'
import { QEMU_NET } from './qemuNet.ts'
import { BOOLEAN, choice, integer as integerFrom } from './scalar.ts'

const CICUSTOM: PropertySchema = {
  properties: { meta: VOLUME, network: VOLUME, user: VOLUME, vendor: VOLUME },
}

const MEMORY: PropertySchema = {
  properties: { current: integerFrom('a number of MiB', 16) },
  required: ['current'],
  defaultKey: 'current',
}

const AGENT: PropertySchema = {
  properties: {
    enabled: BOOLEAN,
    fstrim_cloned_disks: BOOLEAN,
    'freeze-fs': BOOLEAN,
    type: choice(['virtio', 'isa']),
  },
  required: ['enabled'],
  defaultKey: 'enabled',
  shorthand: { names: ['freeze-fs-on-backup', 'guest-fsfreeze'], value: 'freeze-fs' },
}

/** The keys of a VM's file (qm.conf(5)). */
export const QEMU_KEYS: KeyRules = new Map([
  ...each(
    boolean,
    `acpi allow-ksm autostart ciupgrade freeze keephugepages kvm localtime numa onboot protection reboot tablet
     tdf template`,
  ),
  ...each(integer, 'balloon cores cpuunits migrate_speed shares smp snaptime sockets vcpus'),
  ...each(number, 'cpulimit migrate_downtime'),
  ...each(
    quotable,
    `arch args bios cipassword citype ciuser description hugepages keyboard lock ostype running-nets-host-mtu
     runningcpu scsihw searchdomain startdate vmgenid`,
  ),
  ...numbered(quotable, 'parallel', 3),
  ...numbered(quotable, 'serial', 4),
  ['name', plain(DNS_NAME)],
  ['nameserver', plain(ADDRESS_LIST)],
  ['tags', plain(TAG_LIST)],
  ['parent', plain(SNAPSHOT_NAME)],
  ['sshkeys', plain(URL_ENCODED)],
  ...each(plain(VOLUME), 'hookscript vmstate'),
  ['hotplug', plain(HOTPLUG)],
  ['startup', plain(STARTUP)],
  ['vmstatestorage', plain(STORAGE)],
  ['agent', properties(AGENT)],
  ['cicustom', properties(CICUSTOM)],
  ['memory', properties(MEMORY)],
  ...numbered(properties(QEMU_NET), 'net', 32),
  ...numbered(properties(IPCONFIG), 'ipconfig', 32),
  ...each(
    text,
    `affinity amd-sev boot bootdisk cdrom cpu intel-tdx ivshmem machine meta runningmachine smbios1
     spice_enhancements vga watchdog`,
  ),
  ...numbered(text, 'audio', 1),
  ...numbered(text, 'efidisk', 1),
  ...numbered(text, 'hostpci', 16),
  ...numbered(text, 'ide', 4),
  ...numbered(text, 'numa', 8),
  ...numbered(text, 'rng', 1),
  ...numbered(text, 'sata', 6),
  ...numbered(text, 'scsi', 31),
  ...numbered(text, 'tpmstate', 1),
  ...numbered(text, 'unused', 256),
  ...numbered(text, 'usb', 14),
  ...numbered(text, 'virtio', 16),
  ...numbered(text, 'virtiofs', 10),
])

/** The keys of `[special:fleecing]`, which backups write. */
export const FLEECING_KEYS: KeyRules = new Map(each(text, 'fleecing-images'))
