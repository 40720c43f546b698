import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { describe, expect, test } from 'vitest'
import { PROBLEM_CODES } from '../src/core/problem.ts'

const ROOT = join(import.meta.dirname, '..')
const SRC = join(ROOT, 'src')

/** From the ground up. A folder may use what lies on lower floors, and nothing that stands on its own floor. */
const FLOORS = [
  ['core'],
  ['os'],
  ['pve'],
  ['nftables', 'iproute2', 'kea', 'bird'],
  ['cycle'],
  ['agent', 'doctor', 'http'],
  ['cli'],
]

/** Modules of Node that only compute; the others would let core touch the world. */
const PURE_MODULES = new Set(['node:crypto', 'node:net'])

interface SourceFile {
  /** Below the folder that was read. */
  readonly path: string
  readonly text: string
  /** Files it imports, below the repository’s root. */
  readonly files: readonly string[]
  /** Libraries and Node’s own modules it imports. */
  readonly modules: readonly string[]
}

const sources = sourcesIn(SRC).filter(({ path }) => !path.endsWith('.test.ts'))

function sourcesIn(folder: string): SourceFile[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(path => path.endsWith('.ts'))
    .map(path => {
      const text = readFileSync(join(folder, path), 'utf8')
      const imported = importsOf(text)
      const inFolder = dirname(join(folder, path))
      return {
        path,
        text,
        files: imported.filter(isRelative).map(name => relative(ROOT, resolve(inFolder, name))),
        modules: imported.filter(name => !isRelative(name)),
      }
    })
}

function importsOf(text: string): string[] {
  const statements =
    /^(?:import|export)\s(?:[^'"]*?\sfrom\s)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm
  return [...text.matchAll(statements)].map(([, fixed, dynamic]) => fixed ?? dynamic ?? '')
}

function isRelative(name: string): boolean {
  return name.startsWith('.')
}

/** The folder of src that a file stands in. */
function folderOf(path: string): string {
  return path.split(sep)[0] ?? ''
}

function floorOf(folder: string): number {
  return FLOORS.findIndex(folders => folders.includes(folder))
}

test('every folder of src stands on a floor', () => {
  expect(sources.filter(({ path }) => floorOf(folderOf(path)) < 0).map(({ path }) => path)).toEqual([])
})

test('what is imported exists', () => {
  expect(sources.flatMap(({ files }) => files).filter(file => !existsSync(join(ROOT, file)))).toEqual([])
})

test('nothing in src uses tests, lab or benchmarks', () => {
  const outward = sources.flatMap(({ path, files }) =>
    files.filter(file => !file.startsWith(`src${sep}`)).map(file => `${path} → ${file}`),
  )
  expect(outward).toEqual([])
})

test('nobody imports upwards or sideways', () => {
  const wrong = sources.flatMap(({ path, files }) => {
    const folder = folderOf(path)
    return files
      .map(file => folderOf(relative('src', file)))
      .filter(other => other !== folder && floorOf(other) >= floorOf(folder))
      .map(other => `${path} → ${other}`)
  })
  expect(wrong).toEqual([])
})

test('core touches nothing: of Node it uses only what computes', () => {
  const worldly = sources
    .filter(({ path }) => folderOf(path) === 'core')
    .flatMap(({ path, modules }) =>
      modules
        .filter(name => name.startsWith('node:') && !PURE_MODULES.has(name))
        .map(name => `${path} → ${name}`),
    )
  expect(worldly).toEqual([])
})

test('no files import one another in a circle, neither in src nor in what stands around it', () => {
  const graph = ['src', 'lab', 'bench', 'test'].flatMap(folder =>
    sourcesIn(join(ROOT, folder)).map(({ path, files }) => [join(folder, path), files] as const),
  )
  expect(circles(new Map(graph))).toEqual([])
})

test('a circle would be noticed', () => {
  const graph = new Map([
    ['a', ['b']],
    ['b', ['c']],
    ['c', ['b']],
  ])
  expect(circles(graph)).toEqual([['b', 'c', 'b']])
})

/** The paths that lead back to where they began, each told once. */
function circles(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const found: string[][] = []
  const done = new Set<string>()
  const visit = (file: string, path: readonly string[]) => {
    if (path.includes(file)) found.push([...path.slice(path.indexOf(file)), file])
    if (done.has(file)) return
    done.add(file)
    for (const next of graph.get(file) ?? []) visit(next, [...path, file])
  }
  for (const file of graph.keys()) visit(file, [])
  return found
}

describe('each problem code', () => {
  const documented = [
    ...readFileSync(join(ROOT, 'docs/problems.md'), 'utf8').matchAll(/^## `([a-z-]+)`$/gm),
  ].map(([, code]) => code)
  const used = sources.filter(({ path }) => path !== join('core', 'problem.ts')).map(({ text }) => text)

  test.each(PROBLEM_CODES)('%s is explained in docs/problems.md', code => expect(documented).toContain(code))

  test.each(PROBLEM_CODES)('%s is used', code =>
    expect(used.some(text => text.includes(`'${code}'`))).toBe(true),
  )

  test('is explained once, and nothing else is', () => {
    expect(documented.toSorted()).toEqual([...PROBLEM_CODES].toSorted())
  })
})
