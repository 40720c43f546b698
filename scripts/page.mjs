// Makes the files of the page, which the program carries with it: by path, each with its media type.
import { readFileSync } from 'node:fs'
import { build } from 'esbuild'

const PAGE = 'src/page'

/** As `Assets` of src/http/assets.ts. */
export async function pageAssets() {
  const { outputFiles } = await build({
    entryPoints: [`${PAGE}/main.tsx`, `${PAGE}/page.css`],
    entryNames: 'page',
    outdir: 'dist',
    write: false,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    legalComments: 'none',
    logLevel: 'warning',
  })
  const textOf = ending => outputFiles.find(({ path }) => path.endsWith(ending)).text
  return {
    '/': { type: 'text/html; charset=utf-8', body: readFileSync(`${PAGE}/index.html`, 'utf8') },
    '/page.js': { type: 'text/javascript; charset=utf-8', body: textOf('.js') },
    '/page.css': { type: 'text/css; charset=utf-8', body: textOf('.css') },
  }
}
