import { join } from 'node:path'
import type { Settings } from '../core/node/settings.ts'
import { isMarkFree, MARKS, ownAgent, type Taking, takeMark } from '../iproute2/markClaim.ts'
import { exists } from '../os/files.ts'
import { takeLock } from '../os/lockFile.ts'
import { formerHolder } from './formerLock.ts'

/** Where run directories are by default, each by the name of its instance. */
const RUN = '/run'

/**
 * Takes an instance, and its mark in the kernel, for as long as this process lives, whatever its end. Fails where another
 * process has either. Throws where that cannot be told: a run directory that others can write to, or that cannot be made.
 */
export async function takeInstance(
  settings: Pick<Settings, 'name' | 'runDir'>,
  marks: string = MARKS,
): Promise<Taking> {
  // Beforehand: who is refused must not have any of it meanwhile, nor leave a run directory.
  const mark = isMarkFree(settings, marks)
  if (!mark.ok) return mark
  if (!(await takeName(settings))) return ownAgent(settings.name)
  return await takeMark(settings, marks)
}

async function takeName({ name, runDir }: Pick<Settings, 'name' | 'runDir'>): Promise<boolean> {
  if (!(await takeLock(lockFile(runDir)))) return false
  // One of this name with another run directory would work on the same table and namespaces.
  const usual = join(RUN, name)
  if (usual !== runDir && exists(lockFile(usual)) && !(await takeLock(lockFile(usual)))) return false
  return formerHolder(name) === undefined
}

function lockFile(folder: string): string {
  return join(folder, 'lock')
}
