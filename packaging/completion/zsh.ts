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

/** For zsh's own completion system. */
export function zshCompletion(verbs: readonly Verb[]): string {
  const groups = groupsOf(verbs)
  const leaves = leavesOf(verbs)
  return `#compdef guestnet
# zsh completion for guestnet(8)

_guestnet_guests() {
  local -a guests
  guests=(\${(f)"$(${LIST_GUESTS})"})
  _describe guest guests
}

_guestnet() {
  local context state state_descr line
  typeset -A opt_args
  _arguments -C '--help[show help]' '--version[show the version]' '1: :->verb' '*:: :->rest' && return
  case $state in
    verb) ${describe(nextWords(verbs, []))} ;;
    rest)
      local verb=$line[1]
      case $verb in
        ${groups.join('|')}) if [[ $CURRENT -gt 2 ]]; then verb+=" $words[2]"; shift words; ((CURRENT--)); fi ;;
      esac
      case $verb in
${[...groups.map(group => groupCase(verbs, group)), ...leaves.map(verbCase)].join('\n')}
      esac ;;
  esac
}

_guestnet "$@"
`
}

function groupCase(verbs: readonly Verb[], group: string): string {
  return `        ${group}) ${describe(nextWords(verbs, [group]))} ;;`
}

function verbCase({ words, options, args }: Verb): string {
  const specs = [
    ...options.map(optionSpec),
    quote('--help[show help]'),
    quote(`*: :${action(offerForArgument(args.at(-1)))}`),
  ]
  return `        ${words.length === 1 ? words[0] : `'${words.join(' ')}'`}) _arguments ${specs.join(' ')} ;;`
}

function optionSpec(option: Option): string {
  const { long = '', description, required, optional } = option
  const value = required || optional ? `:value:${action(offerForOption(option))}` : ''
  return quote(`${long}[${description.replaceAll(/[[\]:]/g, '\\$&')}]${value}`)
}

function action(offer: Offer): string {
  if (offer === 'guests') return '_guestnet_guests'
  if (offer === 'files') return '_files'
  if (offer === 'folders') return '_directories'
  if (offer === 'nothing') return ' '
  return `(${offer.join(' ')})`
}

function describe(words: ReadonlyMap<string, string>): string {
  const lines = [...words].map(([word, summary]) => quote(`${word}:${summary}`))
  return `local -a verbs; verbs=(${lines.join(' ')}); _describe verb verbs`
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
