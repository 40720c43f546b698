/**
 * Characters that do something to a terminal or a log instead of standing there: those of control, DEL and C1 among them,
 * the ends of lines, and what turns the direction of writing (UAX #9), by which a text can look like another one.
 */
const ACTIVE = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu

/** A text that may come from anybody, on one line and fit for a terminal. Applying it twice changes nothing. */
export function shown(text: string): string {
  return text.replace(ACTIVE, escaped)
}

/** The same for a text of our own making that has lines, and tabs in them. */
export function shownLines(text: string): string {
  return text.replace(ACTIVE, found => (found === '\n' || found === '\t' ? found : escaped(found)))
}

/** JSON in which such characters are escaped, too: outside of strings there are none. */
export function shownJson(value: unknown): string {
  return JSON.stringify(value).replace(ACTIVE, unicodeEscape)
}

function escaped(found: string): string {
  const code = found.charCodeAt(0)
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : unicodeEscape(found)
}

function unicodeEscape(found: string): string {
  return `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`
}
