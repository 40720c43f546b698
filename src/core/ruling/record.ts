import type { Descriptions } from '../values/describe.ts'

/** Who holds something that several guests want, as the cluster has it written down, so that all nodes say the same. */
export interface HolderRecord {
  readonly vmid: number
  readonly nic: number
  /** The node that wrote it. */
  readonly node: string
  /** Unix seconds. */
  readonly since: number
  /** Its holder was asked to let go: it keeps nothing while it is away. */
  readonly released?: boolean
}

/** What is found where a record should be: `being written` passes by itself, `broken` does not. */
export type FoundRecord = HolderRecord | 'being written' | 'broken'

/** By what is held. */
export type HolderRecords = ReadonlyMap<string, FoundRecord>

/** One step from the records there are to those there should be. Only what is contested is recorded. */
export type HolderChange =
  | {
      readonly kind: 'holder-record'
      readonly place: string
      readonly record: HolderRecord
      /** Something is there that no longer counts. */
      readonly replaces: boolean
    }
  | { readonly kind: 'holder-forget'; readonly place: string }

/** One sentence each, in plain words. */
export const DESCRIBE_HOLDERS: Descriptions<HolderChange> = {
  'holder-record': ({ place, record }) =>
    `write down that guest ${record.vmid} net${record.nic} holds ${place}`,
  'holder-forget': ({ place }) => `remove the record of who holds ${place}, which nobody else wants any more`,
}
