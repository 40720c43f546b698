import { isDeliberate, type Refusal } from '../problem/refusal.ts'
import type { Step } from './step.ts'

/** A refusal as a step: broken, unless somebody meant it so. */
export function refusedStep(step: Step['step'], refusal: Refusal): Step {
  const { message, remedy, where } = refusal
  const place = where && ` (${where.file}${where.line === undefined ? '' : `:${where.line}`})`
  return {
    step,
    state: isDeliberate(refusal) || WAITING.has(refusal.code) ? 'waiting' : 'broken',
    detail: `${message}${place ?? ''}`,
    remedy,
  }
}

/** Nothing is wrong, but the next move is the guest's or the administrator's. */
const WAITING = new Set<Refusal['code']>([
  'port-missing',
  'belongs-elsewhere',
  'locked-for-backup',
  'not-settled',
])
