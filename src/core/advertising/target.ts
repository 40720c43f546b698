import type { Advertisement } from './advertisement.ts'

/** What guests should be told, with the table that the advertiser goes by written out. */
export interface AdvertisingTarget {
  readonly advertisements: readonly Advertisement[]
  readonly table: string
}
