import { DONE, failed, type Result } from '../../core/values/result.ts'
import { errorText } from '../../os/errorText.ts'
import { writeAtomically } from '../../os/files.ts'
import { run } from '../../os/program.ts'
import { commandOf, type HookStep } from './step.ts'

/** Milliseconds that Proxmox may take: it waits 10 s for a guest's lock, and Perl takes its time to start. */
const PATIENCE = 30_000

export interface Performed {
  readonly step: HookStep
  readonly failure?: string
}

/**
 * Does the steps in order. A guest is not given a script that could not be written: it would not start any more. What
 * fails for one guest does not stop the others.
 */
export async function perform(steps: readonly HookStep[]): Promise<Performed[]> {
  const done: Performed[] = []
  for (const step of steps) {
    const missing = done.find(
      ({ step: { kind, vmid }, failure }) =>
        kind === 'write' && failure !== undefined && (vmid === undefined || vmid === step.vmid),
    )
    const result = missing ? failed('its script could not be written') : await performOne(step)
    done.push({ step, ...(result.ok ? {} : { failure: result.reason }) })
  }
  return done
}

async function performOne(step: HookStep): Promise<Result> {
  if (step.kind === 'write') return write(step.path, step.text)
  const [program, ...args] = commandOf(step)
  return await run(program, args, { timeout: PATIENCE })
}

function write(path: string, text: string): Result {
  try {
    writeAtomically(path, text, 0o755)
    return DONE
  } catch (error) {
    return failed(errorText(error))
  }
}
