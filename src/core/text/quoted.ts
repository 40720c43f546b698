import { shown } from './escape.ts'

/** A word of somebody else's text, fit for a message: short, and without control characters. */
export function quoted(word: string): string {
  const short = word.length > 40 ? `${word.slice(0, 40)}…` : word
  return /^[\w.[\]-]+\u2026?$/.test(short) ? `\`${short}\`` : shown(JSON.stringify(short))
}
