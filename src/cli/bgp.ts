import { Command, InvalidArgumentError, Option } from 'commander'
import { type ExternalDaemon, renderSnippet } from '../bird/external.ts'
import { type RouterDaemon, renderForRouter } from '../bird/forRouter.ts'
import { birdPaths } from '../bird/paths.ts'
import { withoutPasswords } from '../bird/withoutPasswords.ts'
import type { BirdFiles } from '../core/announcing/target.ts'
import type { Settings } from '../core/node/settings.ts'
import { asNumbersOf } from '../core/policy/bgp.ts'
import { forNode } from '../core/policy/byNode.ts'
import { AS_EXPECTED, AsNumber } from '../core/policy/peer.ts'
import type { Policy } from '../core/policy/policy.ts'
import { describeProblem, type ProblemCode } from '../core/problem/problem.ts'
import type { Reading } from '../core/reading.ts'
import { markOf } from '../core/routing/mark.ts'
import { Reader } from '../cycle/read.ts'
import { complain, EXIT, print, printJson } from './exit.ts'
import { look } from './look.ts'
import { examples, formatOf, nodeVerb, settingsOf } from './options.ts'

/** `guestnet bgp`: what BGP has to know of the guests. */
export function bgpVerb() {
  return new Command('bgp')
    .description('show what BGP is configured with')
    .showHelpAfterError('(add --help for the verbs)')
    .addCommand(configVerb())
}

interface ConfigOptions {
  readonly for?: ExternalDaemon
  readonly forRouter?: RouterDaemon
  readonly as?: number
}

/** What was asked for, or why there is none. */
type Shown<T> = T | { readonly refusal: string }

/** `guestnet bgp config`: of guestnet's own BIRD, or for a daemon that is not guestnet's. */
function configVerb() {
  const command = nodeVerb(
    'config',
    "print the configuration of guestnet's BIRD, or what your own daemon needs",
  )
    .addOption(
      new Option('--for <daemon>', 'what to add to your own daemon; frr8: FRR before 10.1').choices([
        'bird',
        'frr',
        'frr8',
      ] satisfies ExternalDaemon[]),
    )
    .addOption(
      new Option(
        '--for-router <daemon>',
        'the filter by which routers of a fabric prefer where a guest arrived later',
      )
        .choices(['bird', 'frr'] satisfies RouterDaemon[])
        .conflicts(['for', 'as']),
    )
    .option(
      '--as <number>',
      'with --for frr: the AS of your daemon (default: that of the policy)',
      asArgument,
    )
    .action(async (options: ConfigOptions) => {
      const settings = settingsOf(command)
      const shown = await configFor(options, settings)
      if ('refusal' in shown) {
        complain(shown.refusal)
        process.exitCode = EXIT.error
      } else if (formatOf(command) === 'json') printJson(shown)
      else print('snippet' in shown ? shown.snippet.trimEnd() : inSections(shown, settings))
    })
  return examples(
    command,
    'guestnet bgp config',
    'guestnet bgp config --for bird >/etc/bird/guestnet.conf',
    'guestnet bgp config --for frr --as 65001',
    'guestnet bgp config --for-router frr >guestnet-arrival.conf',
  )
}

function configFor(
  { for: daemon, forRouter, as }: ConfigOptions,
  settings: Settings,
): Promise<Shown<BirdFiles | { snippet: string }>> {
  if (forRouter) return snippetForRouter(forRouter, settings)
  return daemon ? snippetFor(daemon, as, settings) : ownFiles(settings)
}

function asArgument(text: string): number {
  const as = AsNumber.safeParse(Number(text)).data
  if (as !== undefined) return as
  throw new InvalidArgumentError(`It must be ${AS_EXPECTED}.`)
}

async function snippetFor(
  daemon: ExternalDaemon,
  given: number | undefined,
  settings: Settings,
): Promise<Shown<{ snippet: string }>> {
  const reading = await new Reader(settings).read()
  const { announce, bgp } = reading.policy
  if (!announce) return { refusal: nothingAnnounced(reading) }
  const as = given ?? asOf(bgp, settings)
  if (daemon !== 'bird' && as === undefined)
    return { refusal: 'the policy does not tell the AS of your daemon: add --as NUMBER' }
  const prefixes = announce.networks.flatMap(network => network.prefixes)
  // BIRD's snippet has no AS in it.
  return {
    snippet: renderSnippet(daemon, {
      mark: markOf(settings.name),
      table: announce.table,
      as: as ?? 0,
      prefixes,
    }),
  }
}

async function snippetForRouter(
  daemon: RouterDaemon,
  settings: Settings,
): Promise<Shown<{ snippet: string }>> {
  const reading = await new Reader(settings).read()
  const { announce, bgp } = reading.policy
  if (!announce) return { refusal: nothingAnnounced(reading) }
  const asNumbers = asNumbersOf(bgp)
  if (asNumbers.length === 0) {
    return {
      refusal:
        "when a guest arrived is told by guestnet's own BIRD only: with bgp: external, routers do not learn it",
    }
  }
  return { snippet: renderForRouter(daemon, asNumbers) }
}

function asOf(bgp: Policy['bgp'], { node }: Settings): number | undefined {
  return bgp?.mode === 'own' ? forNode(bgp.as, node) : undefined
}

async function ownFiles(settings: Settings): Promise<Shown<BirdFiles>> {
  const { reading, target, report } = await look(settings)
  const { announce, bgp } = reading.policy
  if (!announce) return { refusal: nothingAnnounced(reading) }
  if (bgp?.mode !== 'own')
    return { refusal: 'the policy leaves BGP to a daemon of yours: add --for bird or --for frr' }
  const files = target.announcing?.bird?.files()
  if (files) return withoutPasswords(files)
  const reasons = report.problems.filter(({ code }) => WHY_NO_BIRD.has(code)).map(describeProblem)
  return { refusal: ['no BIRD of guestnet’s can be configured here', ...reasons].join('\n') }
}

function nothingAnnounced({ policySource, problems }: Reading): string {
  if (policySource !== 'none') return 'the policy announces nothing: it has no `announce`'
  return [
    'the policy has mistakes, and there was no valid one before',
    ...problems.map(describeProblem),
  ].join('\n')
}

/** Problems that keep BIRD from being configured. */
const WHY_NO_BIRD = new Set<ProblemCode>(['table-taken', 'bird-failed', 'device-missing'])

/** The main file as it is, the ones it includes below. */
function inSections({ config, guests4, guests6 }: BirdFiles, { runDir }: Settings): string {
  const paths = birdPaths(runDir)
  return [
    `# ${paths.config}`,
    config,
    `# ${paths.guests4}, included above`,
    guests4,
    `# ${paths.guests6}, included above`,
    guests6.trimEnd(),
  ].join('\n')
}
