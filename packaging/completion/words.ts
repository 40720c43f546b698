import type { Argument, Option } from 'commander'
import type { Verb } from '../verbs.ts'

/** What a shell can offer for a value: fixed words, guests of the node, or something of the file system. */
export type Offer = readonly string[] | 'guests' | 'files' | 'folders' | 'nothing'

export function offerForOption({ argChoices, flags }: Option): Offer {
  if (argChoices) return argChoices
  if (/<dir>|<folder>/.test(flags)) return 'folders'
  if (/<file>/.test(flags)) return 'files'
  return /<vmid>/i.test(flags) ? 'guests' : 'nothing'
}

export function offerForArgument(argument: Argument | undefined): Offer {
  if (!argument) return 'nothing'
  if (argument.argChoices) return argument.argChoices
  if (argument.name() === 'vmid') return 'guests'
  return argument.name() === 'file' ? 'files' : 'nothing'
}

/** The words that may follow these: `install` and `remove` after `hook`. */
export function nextWords(verbs: readonly Verb[], before: readonly string[]): Map<string, string> {
  const next = new Map<string, string>()
  for (const { words, summary } of verbs) {
    const word = words[before.length]
    const follows = before.every((earlier, index) => words[index] === earlier)
    if (follows && word !== undefined && !next.has(word)) next.set(word, summary)
  }
  return next
}

/** Verbs that are followed by other verbs: `hook`, `bgp`. What those do by themselves is not for people to type. */
export function groupsOf(verbs: readonly Verb[]): string[] {
  return [
    ...new Set(verbs.flatMap(({ words: [first = '', second] }) => (second === undefined ? [] : [first]))),
  ]
}

/** Verbs whose options and arguments are completed. */
export function leavesOf(verbs: readonly Verb[]): Verb[] {
  const groups = new Set(groupsOf(verbs))
  return verbs.filter(({ words: [first = '', second] }) => second !== undefined || !groups.has(first))
}

/** Lists the guests of this node, in any shell. */
export const LIST_GUESTS =
  "ls /etc/pve/qemu-server /etc/pve/lxc 2>/dev/null | sed -n 's/^\\([1-9][0-9]*\\)\\.conf$/\\1/p'"
