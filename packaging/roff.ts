// man(7), as far as the man pages need it.

/** Text as groff shows it: nothing in it is a request, and a hyphen that people copy is a minus. */
export function roff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('’', '\\(cq')
    .replaceAll(/^(['.])/gm, '\\&$1')
}

export function bold(text: string): string {
  return `\\fB${roff(text)}\\fR`
}

export function italic(text: string): string {
  return `\\fI${roff(text)}\\fR`
}

export function titled(page: {
  readonly name: string
  readonly section: number
  readonly date: string
  readonly version: string
  readonly manual: string
}): string {
  const { name, section, date, version, manual } = page
  return `.TH "${name.toUpperCase()}" ${section} "${date}" "guestnet ${version}" "${manual}"`
}

export function heading(text: string): string {
  return `.SH ${text}`
}

/** A paragraph of text that is escaped already. */
export function paragraph(text: string): string {
  return `.PP\n${text}`
}

/** A term and what it means, both escaped already. */
export function tagged(term: string, meaning: string): string {
  return `.TP\n${term}\n${meaning}`
}

export function verbatim(lines: readonly string[]): string {
  return ['.RS 4', '.EX', ...lines.map(roff), '.EE', '.RE'].join('\n')
}
