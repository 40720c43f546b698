import { quoted } from '../../core/text/quoted.ts'
import type { KeyRules } from './keyRules.ts'
import { ignoredLine, readDelete, readNotes, SNAPSHOT_STATE, unknownKey } from './lineReading.ts'
import { headerName, isBlank, readKeyLine } from './lines.ts'
import { FLEECING_KEYS, QEMU_KEYS } from './qemuKeys.ts'
import type { LineReading, RawConfig } from './rawConfig.ts'
import { type Dialect, readConfig } from './readConfig.ts'

/** What a section of a VM's file holds. */
interface QemuSection {
  readonly kind: 'live' | 'pending' | 'special' | 'snapshot' | 'unknown'
  readonly name: string
  /** Absent: any key with any value. */
  readonly keys?: KeyRules
}

const KEY = /^[a-z][a-z_-]*[0-9]*$/

/** Reads a VM's file, `qemu-server/VMID.conf`, as Proxmox's file parser does (qm.conf(5)). */
export function readQemuConfig(text: string): RawConfig {
  return readConfig(text, QEMU)
}

const QEMU: Dialect<QemuSection> = {
  main: { kind: 'live', name: '', keys: QEMU_KEYS },
  kindOf: line => {
    const name = headerName(line)
    return name === undefined ? undefined : sectionOf(name)
  },
  nameOf: ({ name }) => name,
  checkHeader: (section, again) => {
    if (section.kind === 'unknown') {
      return {
        code: 'config-section-ignored',
        message: `${quoted(`[${section.name}]`)} is not a section that Proxmox knows; Proxmox ignores its lines`,
      }
    }
    if (!again) return undefined
    return {
      code: 'config-section-ignored',
      message: `[${section.name}] is there twice; Proxmox ignores the earlier one`,
    }
  },
  isAtStart: ({ name }) => name === CHANGED,
  readLine,
}

/** Proxmox notes here, while a guest runs, what its cloud-init keys were when it was started; its next start clears it. */
const CHANGED = 'special:cloudinit'

/** Proxmox takes `[pending]` and `[Special:cloudinit]`, but not `[special:Cloudinit]`. */
function sectionOf(name: string): QemuSection {
  if (/^pending$/i.test(name)) return { kind: 'pending', name: 'PENDING', keys: QEMU_KEYS }
  const special = /^special:(.*)$/i.exec(name)?.[1]
  if (special === 'cloudinit') return { kind: 'special', name: CHANGED }
  if (special === 'fleecing') return { kind: 'special', name: 'special:fleecing', keys: FLEECING_KEYS }
  if (/^[a-z][a-z0-9_-]+$/i.test(name)) return { kind: 'snapshot', name, keys: QEMU_KEYS }
  return { kind: 'unknown', name }
}

function readLine(line: string, section: QemuSection): LineReading {
  if (section.kind === 'unknown') return {}
  const pair = readKeyLine(line, KEY)
  const notes = readNotes(line, pair)
  if (notes !== undefined) return notes
  if (SNAPSHOT_STATE.test(line)) return {}
  if (pair === undefined) return ignoredLine(line)
  const { key, value } = pair
  if (key === 'delete' && !isBlank(value)) return readDelete(section.kind === 'pending', '[PENDING]')
  // Proxmox takes the arguments as they are, whatever they hold.
  if (key === 'args' && !isBlank(value)) return { key, value }
  return section.keys === undefined ? { key, value } : readValue(key, value, section.keys)
}

function readValue(key: string, value: string, keys: KeyRules): LineReading {
  const read = keys.get(key)?.(value)
  if (read === undefined) return unknownKey(key)
  if ('value' in read) return { key, value: read.value }
  return {
    key,
    problem: {
      code: 'config-value-invalid',
      message: `${key}: ${read.wrong}; Proxmox ignores the whole line`,
    },
  }
}
