import { EventSchema, type TimelineEvent } from '../agent/event.ts'
import { follow } from '../agent/socket.ts'
import { TimelineFile } from '../agent/timelineFile.ts'
import { eventLine } from './eventLine.ts'
import { complain, EXIT, print, printJson } from './exit.ts'
import { examples, formatOf, nodeVerb, settingsOf } from './options.ts'
import { vmidArgument } from './vmidArgument.ts'

/** `guestnet events`: what happened, and with `--follow` what happens. */
export function eventsVerb() {
  const command = nodeVerb('events', 'show what happened', ['runDir', 'stateDir', 'name'])
    .option('--follow', 'go on showing what happens, until interrupted', false)
    .option('--vmid <vmid>', 'only what is about this guest', vmidArgument)
    .action(async ({ follow: goesOn, vmid }: { follow: boolean; vmid?: number }) => {
      const settings = settingsOf(command)
      const show = (event: TimelineEvent) => {
        if (vmid !== undefined && event.vmid !== vmid) return
        if (formatOf(command) === 'json') printJson(event)
        else print(eventLine(event))
      }
      for (const event of new TimelineFile(settings.stateDir).read()) show(event)
      if (!goesOn) return
      const ended = await follow(settings, '/events/follow', value => {
        // One of a kind that only another version knows is not for this one.
        const event = EventSchema.safeParse(value)
        if (event.success) show(event.data)
      })
      complain(ended ? 'the agent has ended' : 'no agent is running here')
      process.exitCode = EXIT.error
    })
  return examples(
    command,
    'guestnet events',
    'guestnet events --follow',
    'guestnet events --vmid 100 --output json',
  )
}
