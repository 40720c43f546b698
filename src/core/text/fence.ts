/** A line of a text, and where in its file it stands, 1-based. */
export interface TextLine {
  readonly text: string
  readonly line: number
}

/** A fenced code block of a Markdown text. */
export interface FencedBlock {
  /** What follows the opening fence, blanks around it removed. */
  readonly info: string
  /** Of the opening fence. */
  readonly line: number
  readonly body: readonly TextLine[]
}

interface Fence {
  /** Backticks or tildes, at least three. */
  readonly mark: string
  readonly indent: number
  readonly info: string
}

/**
 * The fenced code blocks of a text, in order (CommonMark 0.31, section 4.5). A block ends at a fence of the same
 * character that is at least as long, or with the text; what looks like a fence inside a block is its content. Lists
 * and quotations are not entered.
 */
export function fencedBlocks(lines: readonly TextLine[]): FencedBlock[] {
  const blocks: FencedBlock[] = []
  let open: { fence: Fence; body: TextLine[] } | undefined
  for (const line of lines) {
    const fence = fenceOf(line.text)
    if (open === undefined) {
      if (fence === undefined) continue
      open = { fence, body: [] }
      blocks.push({ info: fence.info, line: line.line, body: open.body })
    } else if (fence !== undefined && closes(fence, open.fence)) {
      open = undefined
    } else {
      open.body.push({ text: unindented(line.text, open.fence.indent), line: line.line })
    }
  }
  return blocks
}

function fenceOf(text: string): Fence | undefined {
  const [whole, indent, mark] = /^( {0,3})(`{3,}|~{3,})/.exec(text) ?? []
  if (whole === undefined || indent === undefined || mark === undefined) return undefined
  const info = text.slice(whole.length).trim()
  // ``` on one line with a closing backtick is inline code.
  if (mark.startsWith('`') && info.includes('`')) return undefined
  return { mark, indent: indent.length, info }
}

function closes(fence: Fence, opening: Fence): boolean {
  return fence.info === '' && fence.mark.startsWith(opening.mark)
}

/** An indented fence takes as much indentation from its content, where there is any. */
function unindented(text: string, indent: number): string {
  const blanks = /^ {0,3}/.exec(text)?.[0].length ?? 0
  return text.slice(Math.min(indent, blanks))
}
