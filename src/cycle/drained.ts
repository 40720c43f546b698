import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Drained } from '../core/node/drained.ts'
import type { Settings } from '../core/node/settings.ts'
import { readText, writeAtomically } from '../os/files.ts'

function fileOf({ stateDir }: Pick<Settings, 'stateDir'>): string {
  return join(stateDir, 'drained')
}

export function readDrained(settings: Pick<Settings, 'stateDir'>): Drained {
  const file = readText(fileOf(settings))
  const text = file.ok ? file.text.trim() : 'no'
  return text === 'leaving' || text === 'left' ? text : 'no'
}

/** Outlives the agent and a reboot. Throws where the state directory cannot be written. */
export function writeDrained(settings: Pick<Settings, 'stateDir'>, drained: Drained): void {
  if (drained === 'no') rmSync(fileOf(settings), { force: true })
  else writeAtomically(fileOf(settings), `${drained}\n`)
}
