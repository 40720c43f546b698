import type { ServerId } from './serverId.ts'
import type { Servers } from './servers.ts'
import type { Port } from './service.ts'

/** What should be, with each server's Kea configuration written out. */
export interface DhcpTarget {
  readonly ports: readonly Port[]
  readonly servers: Servers
  readonly configs: ReadonlyMap<ServerId, string>
  /** Whether Keas come up in the background, spare ones among them: with an agent, whose next run makes use of them. */
  readonly inBackground?: boolean
  /** False: guests may be missing from what was read, so what is served must stay. */
  readonly complete: boolean
}
