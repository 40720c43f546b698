import { expect } from 'vitest'
import type { Outcome } from '../../lab/process.ts'

/** `expect(outcome).toExitWith(0)`: where it does not, the program's own words are what the failure shows. */
expect.extend({
  toExitWith(outcome: Outcome, code: number) {
    const { exitCode, stdout, stderr } = outcome
    return {
      pass: exitCode === code,
      message: () => `it ended with ${exitCode}, and said:\n${stdout}\n${stderr}`,
    }
  },
})

declare module 'vitest' {
  interface Matchers<T> {
    /** Of the outcome of a command: which status it ended with. */
    toExitWith(code: number): T
  }
}
