/** A line of a guest's file and its number, 1-based. */
export interface ConfigLine {
  readonly text: string
  readonly number: number
}

/** A part of a guest's file under a `[header]`. */
export interface Section<Kind> {
  readonly kind: Kind
  readonly header: ConfigLine
  readonly lines: readonly ConfigLine[]
}

/**
 * The lines of a file that are not blank. Proxmox reads its files as bytes, so blanks are those of ASCII
 * only: JavaScript's `\s` and `trim` know others, which belong to the value here.
 */
function linesOf(text: string): ConfigLine[] {
  return text
    .split('\n')
    .map((line, index) => ({ text: line, number: index + 1 }))
    .filter(line => !isBlank(line.text))
}

/**
 * Cuts a file at each line that is a header.
 *
 * @param kindOf what the section under a header is, `undefined` for a line that is none
 * @returns the lines before the first header, and the sections
 */
export function cutSections<Kind>(text: string, kindOf: (line: string) => Kind | undefined) {
  const first: ConfigLine[] = []
  const sections: Section<Kind>[] = []
  let open = first
  for (const line of linesOf(text)) {
    const kind = kindOf(line.text)
    if (kind === undefined) {
      open.push(line)
    } else {
      open = []
      sections.push({ kind, header: line, lines: open })
    }
  }
  return { first, sections }
}

/** What stands between the brackets of `[name]`, blanks after it aside; `undefined` if the line is no header. */
export function headerName(line: string): string | undefined {
  return /^\[([^\]]*)\][ \t\v\f\r]*$/.exec(line)?.[1]
}

export interface KeyLine {
  readonly key: string
  readonly value: string
}

/**
 * Reads `key: value`, which begins in the first column. Blanks around the value do not belong to it, except
 * that a value of nothing but blanks is the last of them: `ipconfig0: ` has a value, `ipconfig0:` has none.
 *
 * @param keys what a key may look like, anchored at both ends
 */
export function readKeyLine(line: string, keys: RegExp): KeyLine | undefined {
  const colon = line.indexOf(':')
  const key = line.slice(0, Math.max(colon, 0))
  const rest = line.slice(colon + 1)
  if (!keys.test(key) || rest === '') return undefined
  return { key, value: trimBlanks(rest) || rest.slice(-1) }
}

export function isBlank(text: string): boolean {
  return trimBlanks(text) === ''
}

const BLANKS = ' \t\n\v\f\r'

/** Without the ASCII blanks at both ends; in linear time, which a regular expression would not be. */
export function trimBlanks(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && BLANKS.includes(text.charAt(start))) start++
  while (end > start && BLANKS.includes(text.charAt(end - 1))) end--
  return text.slice(start, end)
}
