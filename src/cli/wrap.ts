import { shown } from '../core/text/escape.ts'

/** Breaks a text between words, so that no line is longer than `width` but for a word that is. `indent` begins each line. Nothing in it acts on a terminal. */
export function wrap(text: string, width: number, indent = ''): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of shown(text).split(' ')) {
    if (line !== '' && indent.length + line.length + 1 + word.length > width) {
      lines.push(indent + line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, indent + line]
}

/** A text of at most so many characters; an ellipsis stands for what is cut off. Nothing in it acts on a terminal. */
export function cut(given: string, width: number): string {
  const text = shown(given)
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`
}
