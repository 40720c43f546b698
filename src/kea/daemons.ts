import type { Family } from '../core/values/family.ts'

/**
 * What differs between Kea's two DHCP servers. The file names are those of Debian's own units: its AppArmor profiles and, from
 * 2.6.3, Kea itself allow these and no others.
 */
export interface KeaDaemon {
  readonly family: Family
  /** The program; also the name of its logger and of its AppArmor profile. */
  readonly program: string
  /** The one key of its configuration. */
  readonly section: string
  readonly configName: string
  readonly leasesName: string
  readonly logName: string
  readonly socketName: string
  /** Kea names it by its configuration and its program. */
  readonly pidName: string
  /** What its subnets are called. */
  readonly subnets: string
  /** Of the hook lease_cmds (Kea ARM, "lease_cmds: Lease Commands"). */
  readonly commands: { readonly all: string; readonly update: string }
  /** What the names of its statistics about messages begin with. */
  readonly packets: string
}

export const KEA = {
  ipv4: daemon('ipv4', 4),
  ipv6: daemon('ipv6', 6),
} as const satisfies Record<Family, KeaDaemon>

function daemon(family: Family, digit: 4 | 6): KeaDaemon {
  return {
    family,
    program: `kea-dhcp${digit}`,
    section: `Dhcp${digit}`,
    configName: `kea-dhcp${digit}.conf`,
    leasesName: `kea-leases${digit}.csv`,
    logName: `kea-dhcp${digit}.log`,
    socketName: `kea${digit}-ctrl-socket`,
    pidName: `kea-dhcp${digit}.kea-dhcp${digit}.pid`,
    subnets: `subnet${digit}`,
    commands: { all: `lease${digit}-get-all`, update: `lease${digit}-update` },
    packets: `pkt${digit}`,
  }
}
