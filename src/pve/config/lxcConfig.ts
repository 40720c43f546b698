import { quoted } from '../../core/text/quoted.ts'
import { ignoredLine, readDelete, readNotes, SNAPSHOT_STATE, unknownKey } from './lineReading.ts'
import { headerName, isBlank, readKeyLine } from './lines.ts'
import { isRawKey, LXC_KEYS } from './lxcKeys.ts'
import { type LineReading, nicOf, type RawConfig } from './rawConfig.ts'
import { type Dialect, readConfig } from './readConfig.ts'

type LxcSection = 'live' | 'pending' | 'snapshot'

const KEY = /^[a-z][a-z_]*[0-9]*$/
const RAW_LINE = /^lxc\.([a-z0-9_\-.]+)(?::|[ \t\v\f\r]*=)/

/** Reads a container's file, `lxc/VMID.conf`, as Proxmox's file parser does (pct.conf(5)). */
export function readLxcConfig(text: string): RawConfig {
  return readConfig(text, LXC)
}

const LXC: Dialect<LxcSection> = {
  main: 'live',
  kindOf: line => {
    const name = headerName(line) ?? ''
    // The old name is a snapshot's by now, but `delete:` may still stand below it.
    if (/^pve:pending$/i.test(name) || name === 'pending') return 'pending'
    return /^[a-z][a-z0-9_-]+$/i.test(name) ? 'snapshot' : undefined
  },
  nameOf: kind => kind,
  // One that is there again takes the place of the earlier, and Proxmox says nothing of it.
  checkHeader: () => undefined,
  readLine,
}

function readLine(line: string, section: LxcSection): LineReading {
  const raw = RAW_LINE.exec(line)?.[1]
  if (raw !== undefined) return isRawKey(raw) ? {} : unknownKey(`lxc.${raw}`)
  const pair = readKeyLine(line, KEY)
  const notes = readNotes(line, pair)
  if (notes !== undefined) return notes
  if (SNAPSHOT_STATE.test(line)) return {}
  if (headerName(line) !== undefined) return unknownHeader(line)
  if (pair === undefined) return ignoredLine(line)
  if (pair.key === 'delete' && !isBlank(pair.value)) return readDelete(section === 'pending', '[pve:pending]')
  return readValue(pair.key, pair.value)
}

/** Other than in a VM's file, the lines below belong to the section that was open before. */
function unknownHeader(line: string): LineReading {
  return {
    problem: {
      code: 'config-section-ignored',
      message: `${quoted(line)} is not a section that Proxmox knows; Proxmox ignores the line, but not those below it`,
    },
  }
}

/** Other than a VM's, a container's invalid value stays, and so does a key that Proxmox does not know. */
function readValue(key: string, value: string): LineReading {
  const read = LXC_KEYS.get(key)?.(value)
  if (read === undefined) return unknownKey(key)
  if ('value' in read) return { key, value: read.value }
  const consequence = nicOf(key) === undefined ? 'warns, but keeps it' : 'cannot use the line'
  return {
    key,
    value,
    problem: { code: 'config-value-invalid', message: `${key}: ${read.wrong}; Proxmox ${consequence}` },
  }
}
