// Makes one file of each program, so that plain `node` runs it and nothing is fetched on a Proxmox node.
import { chmodSync, existsSync, readFileSync } from 'node:fs'
import { build } from 'esbuild'
import { pageAssets } from './page.mjs'

const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
const programs = {
  guestnet: 'src/cli/main.ts',
  demo: 'lab/demo/main.ts',
  bench: 'bench/main.ts',
  setup: 'lab/setup.ts',
}
const entries = Object.fromEntries(Object.entries(programs).filter(([, path]) => existsSync(path)))

await build({
  entryPoints: entries,
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  sourcemap: false,
  legalComments: 'none',
  define: { GUESTNET_VERSION: JSON.stringify(version), GUESTNET_PAGE: JSON.stringify(await pageAssets()) },
  banner: {
    js: [
      '#!/usr/bin/env node',
      readFileSync('scripts/nodeVersion.js', 'utf8').replace(/^\/\/.*\n/gm, ''),
      // Some libraries are CommonJS and ask for Node's own modules by require.
      'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
    ].join('\n'),
  },
  logLevel: 'warning',
})
for (const name of Object.keys(entries)) chmodSync(`dist/${name}.js`, 0o755)
