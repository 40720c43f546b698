import { inspect } from 'node:util'

/** What colours mean: the same everywhere. */
export type Meaning = 'good' | 'bad' | 'doubtful' | 'faint' | 'strong'
export type Paint = (meaning: Meaning, text: string) => string

const STYLE = {
  good: 'green',
  bad: 'red',
  doubtful: 'yellow',
  faint: 'dim',
  strong: 'bold',
} as const satisfies Record<Meaning, string>

export const plain: Paint = (_, text) => text

/** Colours where the terminal has them; none in a pipe or a file, nor where `NO_COLOR` is set (tty.WriteStream.hasColors). */
export function paintFor(stream: Pick<NodeJS.WriteStream, 'isTTY'> & { hasColors?(): boolean }): Paint {
  if (!stream.isTTY || stream.hasColors?.() !== true) return plain
  return (meaning, text) => {
    const [on, off] = inspect.colors[STYLE[meaning]] ?? [0, 0]
    return `\x1b[${on}m${text}\x1b[${off}m`
  }
}

/** Columns of the terminal; 80 where there is none. */
export function widthOf({ columns }: { readonly columns?: number }): number {
  return columns !== undefined && columns > 0 ? columns : 80
}
