import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..')
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const README = read('README.md')

/** Every page, below the repository's root. */
const PAGES = [
  ...readdirSync(ROOT).filter(name => name.endsWith('.md')),
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.md'))
    .map(name => join('docs', name)),
]

describe('links', () => {
  test.each(readdirSync(join(ROOT, 'docs')))('the README leads to docs/%s', name => {
    const linked = linksOf('README.md').map(({ path }) => path)
    // Of a folder one file will do.
    expect(linked.map(path => path.split('/').slice(0, 2).join('/'))).toContain(`docs/${name}`)
  })

  test.each(PAGES)('those of %s lead somewhere', page => {
    const broken = linksOf(page).filter(({ path, heading }) => !leadsSomewhere(path, heading))
    expect(broken).toEqual([])
  })

  test('one that leads nowhere would be noticed', () => {
    expect(leadsSomewhere('docs/nowhere.md', undefined)).toBe(false)
    expect(leadsSomewhere('docs/policy.md', 'nowhere')).toBe(false)
    expect(leadsSomewhere('docs/policy.md', 'changing-it')).toBe(true)
  })
})

describe('files of ours', () => {
  test.each(PAGES)('that %s names exist', page => {
    expect(namedIn(read(page)).filter(file => !existsSync(join(ROOT, file)))).toEqual([])
  })

  test('are found in what proves that a tenant cannot do harm', () => {
    const named = namedIn(read('SECURITY.md'))
    expect(named).toContain('test/e2e/hostile.test.ts')
    expect(named.length).toBeGreaterThan(30)
  })
})

/** Files that a page names without a link, below the repository's root. */
function namedIn(markdown: string): string[] {
  const names =
    /`((?:bench|contrib|docs|lab|packaging|scripts|src|test)\/[\w./-]+\.(?:mjs|json|md|sh|tsx?|ya?ml))`/g
  return [...markdown.matchAll(names)].map(([, file = '']) => file)
}

/** Links to files of ours, but for those in examples. */
function linksOf(page: string): { path: string; heading: string | undefined }[] {
  const text = read(page).replaceAll(/^(`{3,})[^\n]*\n.*?^\1$/gms, '')
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter(target => !/^[a-z]+:/.test(target))
    .map(target => {
      const [path = '', heading] = target.split('#')
      return { path: path === '' ? page : normalize(join(dirname(page), path)), heading }
    })
}

function leadsSomewhere(path: string, heading: string | undefined): boolean {
  if (!existsSync(join(ROOT, path))) return false
  return heading === undefined || headingsOf(path).includes(heading)
}

/** As forges name them: letters, digits, `-` and `_`. */
function headingsOf(page: string): string[] {
  return [...read(page).matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

/** What docs/proofs.md has in its table: the first words of a statement, and what proves it. */
const PROOFS = tableRows(read('docs/proofs.md')).map(([statement = '', proof = '']) => ({ statement, proof }))

/** Says of whom it is, which nothing can prove. */
const NO_STATEMENTS = new Set(['supported by'])

describe('the statements of the README', () => {
  const statements = statementsIn(README)

  test('are all there', () => {
    expect(statements.length).toBeGreaterThan(30)
  })

  test.each(statements)('%s has a proof', statement => {
    const proofs = PROOFS.filter(proof => statement.startsWith(proof.statement))
    expect(proofs, 'name the test or the figure in docs/proofs.md').not.toEqual([])
  })

  test('are what is proved, and nothing else is', () => {
    const idle = PROOFS.filter(proof => !statements.some(text => text.startsWith(proof.statement)))
    expect(idle).toEqual([])
  })

  test.each(PROOFS)('the tests that prove "$statement" exist', ({ proof }) => {
    const named = testsIn(proof)
    expect(named).not.toEqual([])
    expect(named.filter(({ file, title }) => !hasTest(file, title))).toEqual([])
  })

  test('one that does not exist would be noticed', () => {
    expect(hasTest('e2e/serving', 'on a plain bridge')).toBe(true)
    expect(hasTest('e2e/serving', 'on a plain wall')).toBe(false)
    expect(hasTest('e2e/nothing', undefined)).toBe(false)
  })
})

/** The items of lists, whole, and the first cells of tables. */
function statementsIn(markdown: string): string[] {
  const text = markdown.replaceAll(/^```.*?^```$/gms, '')
  const items = [...text.matchAll(/^(?:- |\d+\. )(.*(?:\n {2,}\S.*)*)/gm)].map(([, item = '']) =>
    item.replaceAll(/\s+/g, ' '),
  )
  const cells = tableRows(text).map(([first = '']) => first)
  return [...items, ...cells].filter(statement => !NO_STATEMENTS.has(statement))
}

/** The rows of tables without their heads. */
function tableRows(markdown: string): string[][] {
  const lines = markdown.split('\n')
  const isRule = (line: string | undefined) => /^\|[ -|]+\|$/.test(line ?? '') && line?.includes('---')
  return lines
    .filter((line, index) => line.startsWith('|') && !isRule(line) && !isRule(lines[index + 1]))
    .map(line =>
      line
        .slice(1, -1)
        .split('|')
        .map(cell => cell.trim()),
    )
}

/** `file`: "title", "another title"; a file alone stands for all its tests. */
function testsIn(proof: string): { file: string; title: string | undefined }[] {
  return [
    ...proof.matchAll(
      /`((?:e2e\/|property\/|interop\/)?[\w/-]+)`(?:: ((?:"[^"]*"(?:, )?(?:\([^)]*\)(?:, )?)?)+))?/g,
    ),
  ].flatMap(([, file = '', titles]) =>
    titles === undefined
      ? [{ file, title: undefined }]
      : [...titles.matchAll(/"([^"]*)"/g)].map(([, title]) => ({ file, title })),
  )
}

function hasTest(file: string, title: string | undefined): boolean {
  const path = join('test', `${file}.test.ts`)
  return existsSync(join(ROOT, path)) && (title === undefined || read(path).includes(title))
}
