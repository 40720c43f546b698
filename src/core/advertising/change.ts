import { counted } from '../text/counted.ts'
import type { Descriptions } from '../values/describe.ts'

/** One step from what guests are told of routers to what they should be. */
export type AdvertisingChange =
  | {
      readonly kind: 'advertiser-start'
      /** The process id of one that does not answer, or is of another version, to be ended first. */
      readonly former?: number
      readonly guests: number
      /** It is not waited for: what guests ask is taken to it once it is seen to answer. */
      readonly inBackground?: true
    }
  | { readonly kind: 'advertiser-tell'; readonly guests: number }
  | { readonly kind: 'advertiser-stop'; readonly pid?: number }
  | { readonly kind: 'solicitations-open'; readonly link: string }
  | { readonly kind: 'solicitations-close' }

/** One sentence each, in plain words. */
export const DESCRIBE_ADVERTISING: Descriptions<AdvertisingChange> = {
  'advertiser-start': ({ former, guests }) =>
    `${former === undefined ? 'start the advertiser' : `end the advertiser, process ${former}, and start another`} with ${counted(guests, 'router advertisement')}`,
  'advertiser-tell': ({ guests }) => `give the advertiser ${counted(guests, 'router advertisement')}`,
  'advertiser-stop': ({ pid }) =>
    pid === undefined ? 'remove what the advertiser left' : `end the advertiser, process ${pid}`,
  'solicitations-open': ({ link }) =>
    `send router solicitations to ${link}, and its answers to the guests' ports`,
  'solicitations-close': () => 'stop taking router solicitations',
}
