import type { Command, Option } from 'commander'
import { bold, heading, italic, paragraph, roff, tagged, titled, verbatim } from './roff.ts'
import type { Verb } from './verbs.ts'

/** guestnet(8): what all `--help` say, in one page. */
export function manPage(
  program: Command,
  verbs: readonly Verb[],
  { version, date }: { version: string; date: string },
): string {
  const shared = sharedBy(verbs)
  const sharedFlags = new Set(shared.map(({ flags }) => flags))
  return [
    titled({ name: 'guestnet', section: 8, date, version, manual: 'System administration' }),
    heading('NAME'),
    roff('guestnet - make the static addresses of Proxmox VE guests true on the network'),
    heading('SYNOPSIS'),
    paragraph(`${bold('guestnet')} ${italic('VERB')} [${italic('OPTION')}...] [${italic('ARGUMENT')}...]`),
    heading('DESCRIPTION'),
    paragraph(
      `${roff(program.description())} ${roff(
        'Each guest’s port is offered exactly the addresses that the guest’s configuration has, by DHCP (ISC Kea), and where the policy asks for it, the addresses of running guests are announced by BGP (BIRD) from the node where they live. Without a policy every guest with a static address is served and nothing is announced. The agent is the service',
      )} ${bold('guestnet.service')}${roff('; every other verb looks, or does one thing and ends.')}`,
    ),
    heading('VERBS'),
    ...verbs.map(verb => describeVerb(verb, sharedFlags)),
    heading('OPTIONS OF MOST VERBS'),
    ...shared.map(describeOption),
    heading('EXIT STATUS'),
    tagged(bold('0'), roff('done; all is well; nothing to do')),
    tagged(bold('1'), roff('it could not be done; something is wrong')),
    tagged(bold('2'), roff('plan: there is something to do; check: a guest does not get its address')),
    heading('FILES'),
    tagged(
      italic('/etc/pve/guestnet.yaml'),
      roff('the policy, one for the cluster, optional: guestnet.yaml(5)'),
    ),
    tagged(
      italic('/run/guestnet'),
      roff('what may be lost at a reboot: the files of Kea and BIRD, the agent’s socket'),
    ),
    tagged(italic('/var/lib/guestnet'), roff('what outlives a reboot: leases, last good policy, timeline')),
    tagged(
      italic('/etc/default/guestnet'),
      roff('environment of the service, such as VM_CHECK_POLL=5; optional'),
    ),
    heading('ENVIRONMENT'),
    tagged(
      bold('VM_CHECK_POLL'),
      roff('seconds between looks at the cluster’s version, from 0.05 to 3600; 1 without it'),
    ),
    tagged(bold('NO_COLOR'), roff('if set, no colours')),
    heading('SEE ALSO'),
    paragraph(`${bold('guestnet.yaml')}(5), ${bold('kea-dhcp4')}(8), ${bold('bird')}(8), ${bold('nft')}(8)`),
    '',
  ].join('\n')
}

/** Options that at least half of the verbs have, with the same words: told once. */
function sharedBy(verbs: readonly Verb[]): Option[] {
  const all = verbs.flatMap(({ options }) => options)
  const key = ({ flags, description }: Option) => `${flags} ${description}`
  const count = (option: Option) => all.filter(other => key(other) === key(option)).length
  const first = all.filter((option, index) => all.findIndex(other => key(other) === key(option)) === index)
  return first.filter(option => count(option) * 2 >= verbs.length)
}

function describeVerb(
  { usage, summary, args, options, examples }: Verb,
  shared: ReadonlySet<string>,
): string {
  const own = options.filter(({ flags }) => !shared.has(flags))
  const described = args.filter(({ description }) => description !== '')
  return [
    `.SS ${bold(`guestnet ${usage}`)}`,
    paragraph(roff(sentence(summary))),
    ...described.map(argument => tagged(italic(argument.name()), roff(argument.description))),
    ...own.map(describeOption),
    ...(examples.length === 0 ? [] : [paragraph(roff('Examples:')), verbatim(examples)]),
  ].join('\n')
}

function describeOption(option: Option): string {
  const { flags, description, argChoices, defaultValue } = option
  const extra = [
    ...(argChoices ? [`one of ${argChoices.join(', ')}`] : []),
    ...(['string', 'number'].includes(typeof defaultValue) ? [`default: ${defaultValue}`] : []),
  ]
  return tagged(bold(flags), roff(`${description}${extra.length === 0 ? '' : ` (${extra.join('; ')})`}`))
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}
