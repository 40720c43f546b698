import { hostname } from 'node:os'
import { join } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import type { Settings } from '../core/node/settings.ts'

export type OutputFormat = 'text' | 'json'

interface CommonOptions {
  readonly config?: string
  readonly pveRoot: string
  readonly node: string
  readonly runDir?: string
  readonly stateDir?: string
  readonly name: string
  readonly watch: 'auto' | 'poll'
}

/** A verb with `--output`, which every verb takes. */
export function verb(name: string, summary: string): Command {
  return new Command(name)
    .description(summary)
    .addOption(new Option('--output <format>', 'how to print').choices(['text', 'json']).default('text'))
    .showHelpAfterError('(add --help for the options)')
}

/** A verb that works on a node, with the options that say which one and where its things are. */
export function nodeVerb(name: string, summary: string): Command {
  return verb(name, summary)
    .option('--config <file>', 'the policy (default: guestnet.yaml in --pve-root)')
    .option('--pve-root <dir>', "the cluster's configuration", '/etc/pve')
    .option('--node <name>', "this node's name in the cluster", hostname().split('.')[0] ?? 'localhost')
    .option('--run-dir <dir>', 'what may be lost at a reboot (default: /run/NAME)')
    .option('--state-dir <dir>', 'what outlives a reboot: leases, last good policy (default: /var/lib/NAME)')
    .option('--name <name>', 'marks everything that is this instance’s', instanceName, 'guestnet')
    .addOption(
      new Option('--watch <how>', 'auto: inotify and polling; poll: polling only')
        .choices(['auto', 'poll'])
        .default('auto'),
    )
}

/** Ends up in names of namespaces, tables and links. */
function instanceName(text: string): string {
  if (/^[a-zA-Z][a-zA-Z0-9_-]{0,31}$/.test(text)) return text
  throw new InvalidArgumentError('It must begin with a letter and have up to 32 letters, digits, - and _.')
}

export function settingsOf(command: Command): Settings {
  const { name, pveRoot, node, watch, ...given } = command.opts<CommonOptions>()
  return {
    name,
    pveRoot,
    node,
    watch,
    config: given.config ?? join(pveRoot, 'guestnet.yaml'),
    runDir: given.runDir ?? join('/run', name),
    stateDir: given.stateDir ?? join('/var/lib', name),
  }
}

export function formatOf(command: Command): OutputFormat {
  return command.opts<{ output: OutputFormat }>().output
}

/** Examples, below the options of `--help`. */
export function examples(command: Command, ...lines: string[]): Command {
  return command.addHelpText('after', `\nExamples:\n${lines.map(line => `  ${line}`).join('\n')}`)
}
