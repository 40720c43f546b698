import * as z from 'zod'
import { must, parsedBy } from '../text/schema.ts'
import { parsePlace } from '../values/place.ts'
import { atMost } from './checks.ts'

const PLACE = '`ADDRESS:PORT`, such as `0.0.0.0:8068` or `[::]:8068`'

const USER = 'a user of Proxmox, such as `alice@pve`'

/** As Proxmox VE has them: name and realm (pve-access-control, `PVE::Auth::Plugin`). */
const UserId = z
  .string({ error: must(USER) })
  .regex(/^[^\s:/]+@[A-Za-z][A-Za-z0-9.\-_]+$/, { error: must(USER) })

const MOST_USERS = 1000

/** Who may look at the page from elsewhere: `http` in the policy. */
export const HttpPolicy = z.strictObject(
  {
    listen: parsedBy(parsePlace, PLACE),
    /** Those who may, beside root@pam. */
    users: atMost(MOST_USERS, z.array(UserId, { error: must('a list of users') })).default([]),
  },
  { error: must('a map of settings') },
)
export type HttpPolicy = z.output<typeof HttpPolicy>
