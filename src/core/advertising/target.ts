import type { Advertisement } from './advertisement.ts'

/** What guests should be told, with the table that the advertiser goes by written out. */
export interface AdvertisingTarget {
  readonly advertisements: readonly Advertisement[]
  readonly table: string
  /** Whether the advertiser comes up in the background: with an agent, whose next run makes use of it. */
  readonly inBackground?: boolean
}
