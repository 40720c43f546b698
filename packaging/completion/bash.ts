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

/** For bash and its package bash-completion. */
export function bashCompletion(verbs: readonly Verb[]): string {
  const groups = groupsOf(verbs)
  const leaves = leavesOf(verbs)
  return `# bash completion for guestnet(8)

_guestnet_guests() {
    ${LIST_GUESTS}
}

_guestnet() {
    local cur prev words cword
    _init_completion || return
    local verb="\${words[1]}"
    case $verb in
        ${groups.join(' | ')}) [[ $cword -gt 2 && \${words[2]} != -* ]] && verb+=" \${words[2]}" ;;
    esac

    if [[ $cword -eq 1 ]]; then
        COMPREPLY=($(compgen -W "${[...nextWords(verbs, []).keys()].join(' ')} --help --version" -- "$cur"))
        return
    fi
    case "$verb $prev" in
${leaves.flatMap(optionValues).join('\n')}
    esac
    case $verb in
${[...groups.map(group => groupCase(verbs, group)), ...leaves.flatMap(verbCase)].join('\n')}
    esac
} &&
    complete -F _guestnet guestnet

# ex: filetype=sh
`
}

function optionValues({ words, options }: Verb): string[] {
  return options.flatMap(option => {
    const { long, required, optional } = option
    if (!long || !(required || optional)) return []
    return [`        "${words.join(' ')} ${long}") ${reply(offerForOption(option))}; return ;;`]
  })
}

function groupCase(verbs: readonly Verb[], group: string): string {
  return `        ${group}) ${reply([...nextWords(verbs, [group]).keys(), '--help'])} ;;`
}

function verbCase({ words, options, args }: Verb): string[] {
  const flags = [...options.flatMap(({ long }) => (long ? [long] : [])), '--help']
  const offer = offerForArgument(args.at(-1))
  return [
    `        "${words.join(' ')}")`,
    `            if [[ $cur == -* ]]; then ${reply(flags)}; else ${reply(offer)}; fi ;;`,
  ]
}

function reply(offer: Offer): string {
  if (offer === 'guests') return 'COMPREPLY=($(compgen -W "$(_guestnet_guests)" -- "$cur"))'
  if (offer === 'files') return '_filedir'
  if (offer === 'folders') return '_filedir -d'
  if (offer === 'nothing') return 'COMPREPLY=()'
  return `COMPREPLY=($(compgen -W "${offer.join(' ')}" -- "$cur"))`
}
