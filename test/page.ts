import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..')

/** The lines of a page's blocks of that language, block by block. */
export function blocksOf(page: string, language: string): string[][] {
  const text = readFileSync(join(ROOT, page), 'utf8')
  return [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)]
    .filter(([, own]) => own === language)
    .map(([, , block = '']) => block.trimEnd().split('\n'))
}
