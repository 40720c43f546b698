import { hostname } from 'node:os'
import { join } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import type { Settings } from '../core/node/settings.ts'
import { localNode } from '../pve/localNode.ts'

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

const COMMON = {
  config: new Option('--config <file>', 'the policy (default: guestnet.yaml in --pve-root)'),
  pveRoot: new Option('--pve-root <dir>', "the cluster's configuration").default('/etc/pve'),
  node: new Option(
    '--node <name>',
    "this node's name in the cluster (default: where the link local in --pve-root leads, else the host's name)",
  ),
  runDir: new Option('--run-dir <dir>', 'what may be lost at a reboot (default: /run/NAME)'),
  stateDir: new Option(
    '--state-dir <dir>',
    'what outlives a reboot: leases, last good policy (default: /var/lib/NAME)',
  ),
  name: new Option('--name <name>', 'marks everything that is this instance’s')
    .argParser(instanceName)
    .default('guestnet'),
  watch: new Option('--watch <how>', 'auto: inotify and polling; poll: polling only')
    .choices(['auto', 'poll'])
    .default('auto'),
} as const satisfies Record<string, Option>

type CommonOption = keyof typeof COMMON

export const ALL_OPTIONS = Object.keys(COMMON) as CommonOption[]

/** Those of a verb that reads the cluster and looks at the node. */
const LOOKING = ALL_OPTIONS.filter(option => option !== 'watch')

/**
 * A verb that works on a node, with the options that say which one and where its things are. Every such verb takes them
 * all, so that one set of options does for a whole script; its help has those that matter to it.
 */
export function nodeVerb(name: string, summary: string, matter: readonly CommonOption[] = LOOKING): Command {
  const command = verb(name, summary)
  for (const [key, option] of Object.entries(COMMON)) {
    const own = Object.assign(Object.create(Object.getPrototypeOf(option) as object), option) as Option
    command.addOption(matter.includes(key as CommonOption) ? own : own.hideHelp())
  }
  return command.hook('preAction', async () => {
    const { node, pveRoot } = command.opts<Partial<CommonOptions> & Pick<CommonOptions, 'pveRoot'>>()
    command.setOptionValue('node', node ?? (await localNode(pveRoot)) ?? shortHostName())
  })
}

function shortHostName(): string {
  return hostname().split('.')[0] ?? 'localhost'
}

/** Ends the command with one clear line where it is not root's. */
export function requireRoot(verbName: string): void {
  if (process.geteuid?.() === 0) return
  throw new Error(
    `guestnet ${verbName} has to be run by root, as only root may look at and change the network of the node`,
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
