import { familyOfServer, type ServerId } from '../core/dhcp/serverId.ts'
import type { Family } from '../core/values/family.ts'
import { statistic } from './control.ts'
import { KEA } from './daemons.ts'
import { filesInSlot } from './directories.ts'

/** What one Kea counted since it was started. */
export interface KeaCounts {
  readonly server: ServerId
  readonly messages: readonly MessageCount[]
  /** Messages it could make nothing of, or did not answer. */
  readonly refused: readonly { readonly reason: (typeof REFUSED)[number]; readonly count: number }[]
}

interface MessageCount {
  /** `discover`, `ack`. */
  readonly message: string
  readonly direction: 'received' | 'sent'
  readonly count: number
}

/** Kea ARM, "Statistics in the DHCPv4 Server" and "… DHCPv6 Server". */
const COUNTED = {
  ipv4: [
    ...(['discover', 'request', 'release', 'decline', 'inform'] as const).map(received),
    ...(['offer', 'ack', 'nak'] as const).map(sent),
  ],
  ipv6: [
    ...(['solicit', 'request', 'renew', 'rebind', 'release', 'decline', 'infrequest'] as const).map(received),
    ...(['advertise', 'reply'] as const).map(sent),
  ],
} as const satisfies Record<Family, readonly Omit<MessageCount, 'count'>[]>

const REFUSED = ['parse-failed', 'receive-drop'] as const

function received<const M extends string>(message: M) {
  return { message, direction: 'received' } as const
}

function sent<const M extends string>(message: M) {
  return { message, direction: 'sent' } as const
}

/** Asks the Kea of a slot. Throws when it does not answer. */
export async function countsOf(
  runDir: string,
  slot: number,
  server: ServerId,
): Promise<KeaCounts | undefined> {
  const files = filesInSlot(runDir, slot)
  if (!files) return undefined
  const family = familyOfServer(server)
  const ask = (name: string) => statistic(files.socket, `${KEA[family].packets}-${name}`)
  const messages: MessageCount[] = []
  for (const { message, direction } of COUNTED[family])
    messages.push({ message, direction, count: await ask(`${message}-${direction}`) })
  const refused: KeaCounts['refused'][number][] = []
  for (const reason of REFUSED) refused.push({ reason, count: await ask(reason) })
  return { server, messages, refused }
}
