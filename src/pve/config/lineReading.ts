import { quoted } from '../../core/text/quoted.ts'
import { isBlank, type KeyLine } from './lines.ts'
import type { LineReading } from './rawConfig.ts'

/** A snapshot under way. Proxmox looks for it anywhere in a line, and makes nothing of it in the live part. */
export const SNAPSHOT_STATE = /snapstate:[ \t\v\f\r]*(?:prepare|delete)[ \t\v\f\r]*$/

/** A line of the Notes, or the old way to write them; `undefined` for any other line. */
export function readNotes(line: string, pair: KeyLine | undefined): LineReading | undefined {
  if (line.startsWith('#')) return { notes: { text: line.slice(1), endsLine: true } }
  if (pair?.key !== 'description' || isBlank(pair.value)) return undefined
  return { notes: { text: pair.value, endsLine: false } }
}

export function ignoredLine(line: string): LineReading {
  return {
    problem: {
      code: 'config-line-ignored',
      message: `${quoted(line)} is not "key: value" from the first column on; Proxmox ignores the line`,
    },
  }
}

/** `delete:` lists the keys that a pending change takes away. */
export function readDelete(pending: boolean, header: string): LineReading {
  if (pending) return {}
  return {
    problem: {
      code: 'config-line-ignored',
      message: `"delete" has a meaning below ${header} only; Proxmox ignores the line`,
    },
  }
}

export function unknownKey(key: string): LineReading {
  return {
    problem: {
      code: 'config-key-unknown',
      message: `${quoted(key)} is not a key that Proxmox knows here; the line is ignored`,
    },
  }
}
