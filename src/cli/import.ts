import { Argument } from 'commander'
import { describeProblem } from '../core/problem/problem.ts'
import { Reader } from '../cycle/read.ts'
import { FastAnnouncerFolder } from '../predecessors/fastAnnouncer/folder.ts'
import { importFastAnnouncer } from '../predecessors/fastAnnouncer/import.ts'
import { renderImport } from '../predecessors/fastAnnouncer/importText.ts'
import { complain, EXIT, print, printJson } from './exit.ts'
import { examples, formatOf, nodeVerb, settingsOf } from './options.ts'

/** `guestnet import fast-announcer DIR`: the policy and Notes that replace a predecessor's files. */
export function importVerb() {
  const command = nodeVerb('import', 'print the policy and Notes that replace a predecessor’s files')
    .addArgument(new Argument('<predecessor>', 'whose files they are').choices(['fast-announcer']))
    .argument('<dir>', 'the folder they are in, such as /var/lib/infra/network')
    .action(async (_, folder: string) => {
      const { guests, notesOf } = await new Reader(settingsOf(command)).read()
      const { files, complete, problems } = new FastAnnouncerFolder().read(folder)
      const imported = importFastAnnouncer([...files.values()], guests, notesOf)
      if (formatOf(command) === 'json') printJson({ ...imported, problems })
      else if (complete) print(renderImport(imported))
      for (const problem of problems) complain(describeProblem(problem))
      process.exitCode = problems.length > 0 ? EXIT.error : EXIT.ok
    })
  return examples(
    command,
    'guestnet import fast-announcer /var/lib/infra/network',
    'guestnet import fast-announcer ./copied-files --pve-root ./copy-of-etc-pve --output json',
  )
}
