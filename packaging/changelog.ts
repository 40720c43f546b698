import { wrap } from '../src/cli/wrap.ts'

/** Columns that deb-changelog(5) and its readers expect at most. */
const WIDTH = 78

/**
 * debian/changelog, of CHANGELOG.md: what is not released yet is the version that is being packaged.
 *
 * @param date of that version, as RFC 5322 has it
 */
export function debianChangelog(
  markdown: string,
  { version, date }: { version: string; date: string },
): string {
  const [, ...sections] = markdown.split(/^## /m)
  return sections
    .map(section => {
      const [title = '', ...lines] = section.split('\n')
      const [, released, on] = /^(\d+\.\d+\.\d+) \((\d{4}-\d{2}-\d{2})\)$/.exec(title) ?? []
      const when = on === undefined ? date : new Date(on).toUTCString().replace('GMT', '+0000')
      return entry(released ?? version, when, itemsOf(lines.join('\n')))
    })
    .join('\n')
}

function itemsOf(text: string): string[] {
  return text
    .split(/^- /m)
    .slice(1)
    .map(item => item.replaceAll(/\s+/g, ' ').trim())
}

function entry(version: string, date: string, items: readonly string[]): string {
  const lines = items.map(item => wrap(item, WIDTH - 4).join('\n    '))
  return [
    `guestnet (${version}) unstable; urgency=medium`,
    '',
    ...lines.map(line => `  * ${line}`),
    '',
    ` -- The guestnet authors <authors@guestnet.invalid>  ${date}`,
    '',
  ].join('\n')
}
