import { shown } from '../core/text/escape.ts'
import { cut } from './wrap.ts'

/** Rows as columns of equal width, for people. */
export function table(given: readonly (readonly string[])[]): string {
  const rows = given.map(row => row.map(shown))
  const widths = (rows[0] ?? []).map((_, column) => widest(rows, column))
  return rows
    .map(row =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** Without a call that has a row an argument: there may be more rows than a call can have arguments. */
function widest(rows: readonly (readonly string[])[], column: number): number {
  return rows.reduce((width, row) => Math.max(width, row[column]?.length ?? 0), 0)
}

/** A table of which each line fits. */
export function inColumns(rows: readonly (readonly string[])[], width: number): string[] {
  return table(rows)
    .split('\n')
    .map(line => cut(line, width))
}
