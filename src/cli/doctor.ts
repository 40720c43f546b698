import { InvalidArgumentError } from 'commander'
import { shown } from '../core/text/escape.ts'
import type { Check } from '../doctor/check.ts'
import { examine } from '../doctor/doctor.ts'
import { FAST_ANNOUNCER } from './cleanUp.ts'
import { EXIT, print, printJson } from './exit.ts'
import { examples, formatOf, nodeVerb, settingsOf } from './options.ts'

/** `guestnet doctor`: what this node lacks or has in the way. */
export function doctorVerb() {
  const command = nodeVerb('doctor', 'show what this node lacks or has in the way')
    .option(
      '--listen <seconds>',
      'how long to listen for other DHCP servers, which are asked once; 0: not at all',
      secondsArgument,
      4,
    )
    .option('--fast-announcer <dir>', FAST_ANNOUNCER)
    .action(async ({ listen, fastAnnouncer }: { listen: number; fastAnnouncer?: string }) => {
      const checks = await examine(settingsOf(command), listen, fastAnnouncer)
      if (formatOf(command) === 'json') printJson(checks)
      else for (const check of checks) print(describe(check))
      process.exitCode = checks.some(({ state }) => state === 'bad') ? EXIT.error : EXIT.ok
    })
  return examples(command, 'guestnet doctor', 'guestnet doctor --listen 30')
}

function secondsArgument(text: string): number {
  const seconds = Number(text)
  if (Number.isFinite(seconds) && seconds >= 0 && seconds <= 3600) return seconds
  throw new InvalidArgumentError('It must be a number of seconds from 0 to 3600.')
}

const MARKS = { good: '✓', doubtful: '!', bad: '✗' } as const satisfies Record<Check['state'], string>

function describe({ name, state, detail, remedy }: Check): string {
  const advice = remedy === undefined ? '' : `\n    → ${remedy}`
  return `${MARKS[state]} ${name}: ${shown(detail)}${advice}`
}
