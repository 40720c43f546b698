import type { TextLine } from '../../core/text/fence.ts'

/** A piece of the Notes as the file holds it: a `#` line, or the value of the old `description:` key. */
export interface NotesPiece {
  /** Percent-encoded. */
  readonly text: string
  readonly line: number
  /** A `#` line is a line of the Notes; what follows `description:` goes on where that ends. */
  readonly endsLine: boolean
}

/**
 * The Notes as text, each line with the line of the file it begins in. Blanks at the end are dropped, and
 * so is the carriage return of each line.
 */
export function decodeNotes(pieces: readonly NotesPiece[]): TextLine[] {
  const notes: TextLine[] = []
  let open: TextLine | undefined
  for (const { text, line, endsLine } of pieces) {
    for (const part of percentDecode(text).split('\n')) {
      if (open !== undefined) notes.pop()
      notes.push({ text: (open?.text ?? '') + part.replace(/\r$/, ''), line: open?.line ?? line })
      open = undefined
    }
    open = endsLine ? undefined : notes.at(-1)
  }
  return withoutBlankEnd(notes)
}

/** `%` that no two hex digits follow stands for itself. Bytes that are not UTF-8 become U+FFFD. */
function percentDecode(text: string): string {
  const bytes = Buffer.from(text, 'utf8')
    .toString('latin1')
    .replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString('utf8')
}

function withoutBlankEnd(notes: readonly TextLine[]): TextLine[] {
  const last = notes.findLastIndex(note => note.text.trim() !== '')
  return notes
    .slice(0, last + 1)
    .map((note, index) => (index === last ? { ...note, text: note.text.trimEnd() } : note))
}
