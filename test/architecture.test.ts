import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { describe, expect, test } from 'vitest'
import { PROBLEM_CODES } from '../src/core/problem/problem.ts'
import { REFUSAL_CODES } from '../src/core/problem/refusal.ts'

const ROOT = join(import.meta.dirname, '..')
const SRC = join(ROOT, 'src')

/**
 * From the ground up. A room may use what lies on lower floors, and nothing that stands on its own floor. `core` is the
 * files that bring its rooms together.
 */
const FLOORS = [
  ['core/values', 'core/text'],
  ['core/problem', 'core/node'],
  ['core/guest', 'core/policy'],
  ['core/ruling', 'core/advertising'],
  ['core/dhcp', 'core/routing'],
  ['core/announcing', 'core/guard'],
  ['core'],
  ['core/report', 'core/succession'],
  ['os'],
  ['pve'],
  ['nftables', 'iproute2', 'kea', 'bird', 'advertiser', 'probe'],
  ['predecessors'],
  ['cycle'],
  ['agent', 'doctor', 'support'],
  ['http', 'page'],
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
    .filter(path => /\.tsx?$/.test(path))
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

/** The room a file of src stands in: its folder, in core the one below. */
function roomOf(path: string): string {
  const [folder = '', ...below] = path.split(sep)
  return folder === 'core' && below.length > 1 ? `core/${below[0]}` : folder
}

function floorOf(room: string): number {
  return FLOORS.findIndex(rooms => rooms.includes(room))
}

test('every room of src stands on a floor', () => {
  expect(sources.filter(({ path }) => floorOf(roomOf(path)) < 0).map(({ path }) => path)).toEqual([])
})

test('what is imported exists', () => {
  expect(sources.flatMap(({ files }) => files).filter(file => !existsSync(join(ROOT, file)))).toEqual([])
})

/** What the documents publish and the program prints. */
function isPublished(file: string): boolean {
  return file === join('docs', 'policy.schema.json')
}

test('nothing in src uses tests, lab or benchmarks', () => {
  const outward = sources.flatMap(({ path, files }) =>
    files
      .filter(file => !file.startsWith(`src${sep}`) && !isPublished(file))
      .map(file => `${path} → ${file}`),
  )
  expect(outward).toEqual([])
})

test('nobody imports upwards or sideways', () => {
  const wrong = sources.flatMap(({ path, files }) => {
    const room = roomOf(path)
    return files
      .filter(file => !isPublished(file))
      .map(file => ({ file, other: roomOf(relative('src', file)) }))
      .filter(({ other }) => other !== room && floorOf(other) >= floorOf(room))
      .map(({ file }) => `${path} → ${file}`)
  })
  expect(wrong).toEqual([])
})

test('core touches nothing: of Node it uses only what computes', () => {
  const worldly = sources
    .filter(({ path }) => roomOf(path).startsWith('core'))
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

/** Files, from one that nobody imports down to one that imports nothing: who reads the first may have to read them all. */
const LONGEST_CHAIN = 20

test('no chain of imports is longer than one can follow', () => {
  const chain = longestChain(
    new Map(sources.map(({ path, files }) => [join('src', path), within(path, files)])),
  )
  expect(chain.length, chain.join('\n→ ')).toBeLessThan(LONGEST_CHAIN)
})

/** The page is a program of its own: of other rooms it knows what they tell, and who reads it need not know how they get there. */
function within(path: string, files: readonly string[]): readonly string[] {
  return roomOf(path) === 'page' ? files.filter(file => file.startsWith(join('src', 'page'))) : files
}

test('a long chain would be noticed', () => {
  const graph = new Map([
    ['a', ['d', 'b']],
    ['b', ['c']],
    ['c', ['d']],
  ])
  expect(longestChain(graph)).toEqual(['a', 'b', 'c', 'd'])
})

/** The longest path through a graph without circles. */
function longestChain(graph: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const known = new Map<string, readonly string[]>()
  const longer = (a: readonly string[], b: readonly string[]) => (b.length > a.length ? b : a)
  const chainFrom = (file: string): readonly string[] => {
    const chain = known.get(file) ?? [file, ...(graph.get(file) ?? []).map(chainFrom).reduce(longer, [])]
    known.set(file, chain)
    return chain
  }
  return [...graph.keys()].map(chainFrom).reduce(longer, [])
}

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
  const used = sources
    .filter(({ path }) => path !== join('core', 'problem', 'problem.ts'))
    .map(({ text }) => text)

  test.each(PROBLEM_CODES)('%s is explained in docs/problems.md', code => expect(documented).toContain(code))

  test.each(PROBLEM_CODES)('%s is used', code =>
    expect(used.some(text => text.includes(`'${code}'`))).toBe(true),
  )

  test('is explained once, and nothing else is', () => {
    expect(documented.toSorted()).toEqual([...PROBLEM_CODES].toSorted())
  })
})

test.each(REFUSAL_CODES)('the refusal %s is used', code => {
  const others = sources.filter(({ path }) => path !== join('core', 'problem', 'refusal.ts'))
  expect(others.some(({ text }) => text.includes(`code: '${code}'`))).toBe(true)
})
