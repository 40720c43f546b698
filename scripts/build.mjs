// Makes one file of each program, so that plain `node` runs it and nothing is fetched on a Proxmox node.
import { execFileSync } from 'node:child_process'
import { chmodSync, readFileSync } from 'node:fs'
import { build } from 'esbuild'
import { pageAssets } from './page.mjs'

const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
const named = process.env.GUESTNET_VERSION || version
const page = JSON.stringify(await pageAssets())
const nodeVersion = readFileSync('scripts/nodeVersion.js', 'utf8').replace(/^\/\/.*\n/gm, '')

// What a Proxmox node runs, by the Node.js of Debian 12 as well (docs/decisions/0009-one-package-for-two-debians.md).
await bundle({
  entryPoints: { guestnet: 'src/cli/main.ts' },
  target: 'node18.20',
  inject: ['scripts/es2023.js'],
  // V8 keeps the text of what it runs: half of it was blanks and comments. Names stay, for whoever reads where an error came from.
  minifyWhitespace: true,
  minifySyntax: true,
  lineLimit: 160,
  check: nodeVersion
    .replace('[20, 19]', '[18, 20]')
    .replace(/ Debian 13: .*? Debian 12: .*?\.'/, " apt install nodejs'"),
})

await bundle({
  entryPoints: {
    demo: 'lab/demo/main.ts',
    bench: 'bench/main.ts',
    screenshots: 'lab/demo/screenshots.ts',
    setup: 'lab/setup.ts',
    documents: 'packaging/documents.ts',
  },
  // It finds files of its own beside itself.
  external: ['playwright-core'],
  target: 'node20',
  check: nodeVersion,
})

async function bundle({ check, ...options }) {
  await build({
    ...options,
    outdir: 'dist',
    bundle: true,
    platform: 'node',
    format: 'esm',
    sourcemap: false,
    legalComments: 'none',
    define: { GUESTNET_VERSION: JSON.stringify(`${named}${commit()}`), GUESTNET_PAGE: page },
    banner: {
      js: [
        '#!/usr/bin/env node',
        check,
        // Some libraries are CommonJS and ask for Node's own modules by require.
        'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
      ].join('\n'),
    },
    logLevel: 'warning',
  })
  for (const name of Object.keys(options.entryPoints)) {
    chmodSync(`dist/${name}.js`, 0o755)
    // One character beyond Latin 1, and V8 keeps the whole text at two bytes a character.
    if (options.minifyWhitespace && /[^\0-\x7f]/.test(readFileSync(`dist/${name}.js`, 'utf8')))
      throw new Error(`dist/${name}.js: write what is not ASCII as an escape (\\u2026)`)
  }
}

/** ` (commit 0123456789ab)`; nothing where the files come without their history. */
function commit() {
  try {
    const git = (...args) =>
      execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
    const hash = git('rev-parse', '--short=12', 'HEAD')
    return ` (commit ${hash}${git('status', '--porcelain') === '' ? '' : ', changed'})`
  } catch {
    return ''
  }
}
