import { readFileSync } from 'node:fs'
import { Option } from 'commander'
import type { GuestType } from '../core/guest/names.ts'
import { describeProblem } from '../core/problem/problem.ts'
import { errorText } from '../os/errorText.ts'
import { textOf } from '../pve/config/bytes.ts'
import { type ParseReport, parseReport } from '../pve/config/parseReport.ts'
import { complain, EXIT, print, printJson } from './exit.ts'
import { examples, formatOf, verb } from './options.ts'

/** `guestnet parse FILE…`: guest configurations as Proxmox reads them. */
export function parseVerb() {
  const command = verb('parse', 'show guest configurations as Proxmox reads them')
    .argument('<file...>', 'configuration files, such as /etc/pve/qemu-server/100.conf')
    .addOption(
      new Option(
        '--type <type>',
        'read as VM or container (default: lxc below a folder lxc, else qemu)',
      ).choices(['qemu', 'lxc']),
    )
    .action((files: string[], { type }: { type?: GuestType }) => {
      for (const file of files) {
        const text = readOrComplain(file)
        if (text === undefined) continue
        const parsed = parseReport(file, text, type)
        if (formatOf(command) === 'json') printJson(parsed)
        else print(describe(file, parsed))
      }
    })
  return examples(
    command,
    'guestnet parse /etc/pve/qemu-server/*.conf',
    'guestnet parse --type lxc --output json 101.conf',
  )
}

/** One file that cannot be read does not keep the others from being shown. */
function readOrComplain(file: string): string | undefined {
  try {
    return textOf(readFileSync(file))
  } catch (error) {
    complain(errorText(error))
    process.exitCode = EXIT.error
    return undefined
  }
}

function describe(file: string, { problems, ...parsed }: ParseReport): string {
  const lines = Object.entries({ ...parsed.nets, ...parsed.ipconfigs }).map(
    ([key, value]) => `  ${key}: ${JSON.stringify(value)}`,
  )
  const name = parsed.name === null ? '' : ` ${parsed.name}`
  const head = `${parsed.type === 'qemu' ? 'VM' : 'CT'} ${parsed.vmid ?? '?'}${name}${parsed.template ? ' (template)' : ''}`
  return [head, ...lines, ...problems.map(problem => `  ${describeProblem({ ...problem, file })}`)].join('\n')
}
