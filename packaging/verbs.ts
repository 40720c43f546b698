import type { Argument, Command, Option } from 'commander'

/** A verb as people call it, with what its `--help` shows. */
export interface Verb {
  /** Such as `hook install`. */
  readonly words: readonly string[]
  readonly summary: string
  readonly usage: string
  readonly args: readonly Argument[]
  readonly options: readonly Option[]
  readonly examples: readonly string[]
}

/** All verbs that can be run, those of `hook` and `bgp` included, in the order of `--help`. */
export function verbsOf(program: Command, before: readonly string[] = []): Verb[] {
  const help = program.createHelp()
  return help
    .visibleCommands(program)
    .filter(command => command.name() !== 'help')
    .flatMap(command => {
      const words = [...before, command.name()]
      const below = verbsOf(command, words)
      const isRunnable = below.length === 0 || command.registeredArguments.length > 0
      return isRunnable ? [describe(command, words), ...below] : below
    })
}

function describe(command: Command, words: readonly string[]): Verb {
  const help = command.createHelp()
  const args = command.registeredArguments
  return {
    words,
    summary: command.description(),
    usage: [...words, ...args.map(argument => help.argumentTerm(argument)).map(inBrackets(args))].join(' '),
    args,
    options: help.visibleOptions(command).filter(({ long }) => long !== '--help'),
    examples: examplesOf(command),
  }
}

function inBrackets(args: readonly Argument[]) {
  return (term: string, index: number) => {
    const { required = false, variadic = false } = args[index] ?? {}
    const repeated = variadic ? `${term}...` : term
    return required ? `<${repeated}>` : `[${repeated}]`
  }
}

/** What follows the options in `--help`, line by line. */
function examplesOf(command: Command): string[] {
  let text = ''
  command.configureOutput({ writeOut: more => (text += more) }).outputHelp()
  const [, examples = ''] = text.split('\nExamples:\n')
  return examples
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '')
}
