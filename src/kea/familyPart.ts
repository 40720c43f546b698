import type { BootPolicy } from './boot.ts'
import type { Option } from './options.ts'

/** What a Kea configuration depends on besides the offers. */
export interface ServerPolicy {
  /** Seconds. */
  readonly lease: number
  readonly boot?: BootPolicy
}

/** What of a configuration only its family decides. */
export interface FamilyPart {
  /** Keys of the server. */
  readonly keys: object
  /** Client classes, in the order in which Kea judges them. */
  readonly classes: readonly object[]
  /** What all guests are told. */
  readonly options: readonly Option[]
  readonly subnets: readonly object[]
}

const PROBE_CLASS = 'probe'

/**
 * Of the one who asks whether Kea is well. Its address comes from a pool, for all reservations are guests'; each of its
 * leases is written, which is what it is to show.
 */
export function probeSubnet(address: string, keys: object = {}): object {
  return {
    id: 4_294_967_294,
    subnet: address,
    'client-class': PROBE_CLASS,
    ...keys,
    pools: [{ pool: address }],
    reservations: [],
    'valid-lifetime': 60,
    // Kea takes no 0.
    'cache-threshold': 0.01,
  }
}

/** The probe, which `isProbe` tells; and of the unknown all but it, whom Kea is to tell nothing at all. */
export function classesOfStrangers(isProbe: string): object[] {
  return [
    { name: PROBE_CLASS, test: isProbe },
    { name: 'DROP', test: `member('UNKNOWN') and not (${isProbe})` },
  ]
}

/** How a Kea logs: complaints only, and never more than two megabytes. */
export function loggerOf(program: string, output: string): object {
  return { name: program, severity: 'WARN', output_options: [{ output, maxsize: 1_048_576, maxver: 1 }] }
}
