import type { Option } from 'commander'
import type { Verb } from '../verbs.ts'
import {
  groupsOf,
  LIST_GUESTS,
  leavesOf,
  nextWords,
  type Offer,
  offerForArgument,
  offerForOption,
} from './words.ts'

/** For fish: one line a word. */
export function fishCompletion(verbs: readonly Verb[]): string {
  return [
    '# fish completion for guestnet(8)',
    'complete -c guestnet -f',
    ...[...nextWords(verbs, [])].map(([word, summary]) => line('__fish_use_subcommand', word, summary)),
    ...groupsOf(verbs).flatMap(group => groupLines(verbs, group)),
    ...leavesOf(verbs).flatMap(verbLines),
    '',
  ].join('\n')
}

function groupLines(verbs: readonly Verb[], group: string): string[] {
  const next = nextWords(verbs, [group])
  const condition = `__fish_seen_subcommand_from ${group}; and not __fish_seen_subcommand_from ${[...next.keys()].join(' ')}`
  return [...next].map(([word, summary]) => line(condition, word, summary))
}

function line(condition: string, word: string, summary: string): string {
  return `complete -c guestnet -n ${quote(condition)} -a ${word} -d ${quote(summary)}`
}

function verbLines({ words, options, args }: Verb): string[] {
  const condition = words.map(word => `__fish_seen_subcommand_from ${word}`).join('; and ')
  const start = `complete -c guestnet -n ${quote(condition)}`
  const offer = offerForArgument(args.at(-1))
  return [
    ...options.map(option => `${start} ${optionWords(option)}`),
    ...(offer === 'nothing' ? [] : [`${start} ${values(offer)}`]),
  ]
}

function optionWords(option: Option): string {
  const { long = '', description, required, optional } = option
  const offer = offerForOption(option)
  const value = required || optional ? ` ${offer === 'files' ? '-r' : '-x'} ${values(offer)}` : ''
  return `-l ${long.replace(/^--/, '')} -d ${quote(description)}${value}`
}

function values(offer: Offer): string {
  if (offer === 'guests') return `-a ${quote(`(${LIST_GUESTS})`)}`
  if (offer === 'files') return '-F'
  if (offer === 'folders') return `-a ${quote('(__fish_complete_directories)')}`
  return offer === 'nothing' ? '' : `-a ${quote(offer.join(' '))}`
}

/** fish knows two escapes between single quotes. */
function quote(text: string): string {
  return `'${text.replaceAll(/['\\]/g, '\\$&')}'`
}
