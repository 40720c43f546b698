// Bundles end-to-end tests, each into one file that plain `node` runs: node scripts/bundle-tests.mjs FOLDER TEST...
// Where the processor is emulated, vitest takes minutes to find hundreds of modules, and now and then does not come to an end.
import { basename, resolve } from 'node:path'
import { build } from 'esbuild'

const [folder, ...tests] = process.argv.slice(2)

for (const test of tests) {
  const name = basename(test, '.test.ts')
  await build({
    stdin: {
      // With what vitest.config.ts sets up for them.
      contents: `
        import './test/e2e/exitWith.ts'
        import { run } from './scripts/bundled/run.mjs'
        await run('${name}', () => import('${resolve(test)}'))`,
      resolveDir: '.',
    },
    outfile: `${folder}/${name}.mjs`,
    alias: { vitest: resolve('scripts/bundled/vitest.mjs') },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['playwright-core'],
    banner: {
      js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
    },
    logLevel: 'warning',
  })
}
