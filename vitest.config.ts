import { defineConfig } from 'vitest/config'
import { PATIENCE } from './lab/patience.ts'

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          // A third of the time went into loading the same modules for each of 130 files; none keeps state of its own.
          isolate: false,
          // Property tests take their time on a busy machine.
          testTimeout: 60_000,
          include: ['src/**/*.test.ts', 'lab/**/*.test.ts', 'test/*.test.ts', 'test/property/**/*.test.ts'],
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          setupFiles: ['test/e2e/exitWith.ts'],
          // Each file builds namespaces and starts daemons of its own, and mostly waits for them; more at a time make each other late.
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
          testTimeout: 60_000 * PATIENCE,
          hookTimeout: 120_000 * PATIENCE,
        },
      },
    ],
  },
})
