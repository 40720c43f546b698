import type { Step } from '../core/report/step.ts'
import { shown } from '../core/text/escape.ts'

const MARKS = { good: '✓', waiting: '…', broken: '✗' } as const satisfies Record<Step['state'], string>

/** A step for people, with what to do about it below. */
export function describeStep({ step, family, state, detail, remedy }: Step): string {
  const advice = remedy === undefined ? '' : `\n    → ${remedy}`
  return `  ${MARKS[state]} ${(family === 'ipv6' ? `${step} v6` : step).padEnd(16)} ${shown(detail)}${advice}`
}
