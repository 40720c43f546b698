import * as z from 'zod'

/**
 * `change`: a step of the agent's that is none of the other kinds; `migration` and `configuration`: what somebody did in the
 * cluster's files.
 */
export const EVENT_KINDS = [
  'change',
  'announcement',
  'daemon',
  'failure',
  'problem',
  'solved',
  'lease',
  'peer',
  'guard',
  'policy',
  'agent',
  'migration',
  'configuration',
] as const

/** Something that happened, for the log and for `guestnet events`. */
export const EventSchema = z.object({
  /** Milliseconds since 1970. */
  time: z.number(),
  kind: z.enum(EVENT_KINDS),
  message: z.string(),
  vmid: z.exactOptional(z.number()),
})
export type TimelineEvent = Readonly<z.output<typeof EventSchema>>
