/** Where a story is told, and how. */
export interface Telling {
  readonly write: (text: string) => void
  /** Escape sequences of ECMA-48 for bold, dim, green and red. */
  readonly colour: boolean
  /** Characters a line of prose may have. */
  readonly columns: number
  /** Pause before each act, for those who read along. */
  readonly pause: () => Promise<void>
}

/** Tells a story line by line, as it happens, and remembers which of its expectations did not come true. */
export interface Narrator {
  /** One line: what is shown now, and why it matters. */
  heading(text: string): Promise<void>
  /** Who, or what, comes next within an act. */
  topic(text: string): void
  /** Prose. */
  say(text: string): void
  /** What a command really printed, below the command as somebody would have typed it; `on` is where. */
  shell(on: string, command: string, output: string): void
  /** Lines of a file, as they are or as a change of it. */
  lines(lines: readonly string[]): void
  expect(what: string, cameTrue: boolean): void
  readonly broken: readonly string[]
}

const STYLES = { bold: 1, dim: 2, red: 31, green: 32, cyan: 36 } as const

export function createNarrator({ write, colour, columns, pause }: Telling): Narrator {
  const broken: string[] = []
  const paint = (style: keyof typeof STYLES, text: string) =>
    colour ? `\u001b[${STYLES[style]}m${text}\u001b[0m` : text
  const print = (text = '') => write(`${text}\n`)
  let headings = 0
  return {
    broken,
    async heading(text) {
      if (headings > 0) await pause()
      print()
      print(paint('bold', `${++headings}. ${text}`))
    },
    topic(text) {
      print(`   ${paint('bold', `• ${text}`)}`)
    },
    say(text) {
      for (const line of wrap(text, columns - INDENT.length)) print(`${INDENT}${line}`)
    },
    shell(on, command, output) {
      print(`${INDENT}${paint('cyan', `${on} #`)} ${command}`)
      for (const line of output.trimEnd().split('\n')) print(paint('dim', `${INDENT}${line}`))
    },
    lines(lines) {
      for (const line of lines) print(paint('dim', `${INDENT}  ${line}`))
    },
    expect(what, cameTrue) {
      if (!cameTrue) broken.push(what)
      const mark = cameTrue ? paint('green', '✓') : paint('red', '✗ did not come true:')
      const [first = '', ...rest] = wrap(what, columns - INDENT.length - 2)
      print(`${INDENT}${mark} ${first}`)
      for (const line of rest) print(`${INDENT}  ${line}`)
    },
  }
}

const INDENT = '     '

/** Breaks text at blanks into lines of at most `columns` characters; a longer word gets a line of its own. */
function wrap(text: string, columns: number): string[] {
  const lines: string[] = []
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= columns)
      lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}
