import { resolve } from 'node:path'
import { TimelineFile } from '../agent/timelineFile.ts'
import type { Settings } from '../core/node/settings.ts'
import { examine } from '../doctor/doctor.ts'
import { readText } from '../os/files.ts'
import { writeArchive } from '../support/archive.ts'
import { type Part, partsOf } from '../support/parts.ts'
import { secretsIn } from '../support/secrets.ts'
import { describeChanges } from './changeText.ts'
import { currentReport } from './currentReport.ts'
import { eventLine } from './eventLine.ts'
import { complain, EXIT, print, printJson } from './exit.ts'
import { look } from './look.ts'
import { examples, formatOf, nodeVerb, requireRoot, settingsOf } from './options.ts'
import { describeStatus } from './statusText.ts'

declare const GUESTNET_VERSION: string

/** `guestnet report`: everything that whoever reads a bug report will ask for, in one archive. */
export function reportVerb() {
  const command = nodeVerb(
    'report',
    'write an archive for a bug report: versions, configuration without secrets, state, events',
  )
    .argument('[file]', 'where to (default: guestnet-report-NODE-TIME.tar.gz here)')
    .action(async (file?: string) => {
      requireRoot('report')
      const settings = settingsOf(command)
      const folder = `guestnet-report-${settings.node}-${new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}`
      const path = resolve(file ?? `${folder}.tar.gz`)
      const policy = readText(settings.config)
      const written = await writeArchive({
        path,
        folder,
        parts: [...ownParts(settings), ...partsOf(settings)],
        secrets: policy.ok ? secretsIn(policy.text) : [],
      })
      if (!written.ok) {
        complain(`the archive cannot be written: ${written.reason}`)
        process.exitCode = EXIT.error
      } else if (formatOf(command) === 'json') printJson({ file: path })
      else
        print(
          `${path}\nPasswords, hashes, keys and Notes are not in it; names, addresses and MACs are. Look through it before you send it.`,
        )
    })
  return examples(command, 'guestnet report', 'guestnet report /tmp/pve1.tar.gz')
}

/** What guestnet itself tells. */
function ownParts(settings: Settings): Part[] {
  const view = {
    width: 120,
    paint: (_: unknown, text: string) => text,
    now: Date.now(),
    what: 'all',
  } as const
  return [
    {
      file: 'versions/guestnet.txt',
      text: () => `${GUESTNET_VERSION}, Node.js ${process.version}\n${inJson(settings)}`,
    },
    { file: 'status.json', text: async () => inJson(await currentReport(settings)) },
    {
      file: 'status.txt',
      text: async () => {
        const { report, agent } = await currentReport(settings)
        return describeStatus(report, agent, view)
      },
    },
    {
      file: 'plan.txt',
      text: async () => describeChanges((await look(settings)).changes, view.paint).join('\n'),
    },
    { file: 'doctor.json', text: async () => inJson(await examine(settings, 0, undefined)) },
    { file: 'events.txt', text: () => new TimelineFile(settings.stateDir).read().map(eventLine).join('\n') },
  ]
}

function inJson(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`
}
