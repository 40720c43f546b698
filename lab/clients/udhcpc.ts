import type { DhcpClient } from './client.ts'
import { numberIn, routePairs, words, writeLeaseScript } from './environment.ts'
import { startInMachine } from './machine.ts'

/** Applies what BusyBox tells, as the scripts of distributions do: option 121 instead of option 3 (RFC 3442). */
const APPLY = `
case "$1" in
  deconfig) ip -4 addr flush dev "$interface" ;;
  bound | renew)
    ip addr replace "$ip/$mask" dev "$interface"
    [ -n "$mtu" ] && ip link set "$interface" mtu "$mtu"
    if [ -n "$staticroutes" ]; then
      set -- $staticroutes
      while [ $# -ge 2 ]; do
        if [ "$2" = 0.0.0.0 ]; then ip route replace "$1" dev "$interface"
        else ip route replace "$1" via "$2" dev "$interface"; fi
        shift 2
      done
    else
      for first in $router; do ip route replace default via "$first" dev "$interface"; break; done
    fi
    { [ -n "$search" ] && echo "search $search"; for server in $dns; do echo "nameserver $server"; done; } > /etc/resolv.conf ;;
esac`

/** BusyBox: Alpine, and many small systems. */
export const udhcpc: DhcpClient = {
  name: 'udhcpc',
  async start({ guest, link }) {
    const script = writeLeaseScript(guest, `udhcpc-${link}`, '[ -n "$ip" ]', APPLY)
    const requested = ['search', 'staticroutes', 'mtu'].flatMap(option => ['-O', option])
    const client = await startInMachine(guest, `udhcpc-${link}`, [
      ...['busybox', 'udhcpc', '-f', '-i', link, '-s', script.path, '-T', '1', '-A', '1'],
      ...requested,
    ])
    return {
      lease: () => {
        const told = script.environment()
        return told?.ip === undefined
          ? undefined
          : {
              address: told.ip,
              prefixLength: Number(told.mask),
              routers: words(told.router),
              serverIdentifier: told.serverid,
              dns: words(told.dns),
              search: words(told.search),
              hostname: told.hostname,
              mtu: numberIn(told.mtu),
              classlessRoutes: routePairs(told.staticroutes),
              leaseTime: numberIn(told.lease),
            }
      },
      stop: () => client.stop(),
    }
  },
}
