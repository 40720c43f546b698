import { readFileSync } from 'node:fs'
import { run } from '../os/program.ts'
import { bad, type Check, good } from './check.ts'

/** As guestnet's own table, on the loopback link; `nft -c` lets the kernel judge it and then forgets it. */
const TRIAL = `table netdev guestnet-trial {
  map port_of { typeof @th,288,48 : meta oif; }
  chain server-1 { ip daddr set 169.254.67.1 fwd to "lo"; }
  chain port {
    type filter hook ingress device "lo" priority -450;
    ether type ip udp dport 67 @th,288,48 0x525400000001 counter goto server-1 comment "trial"
  }
  chain replies { type filter hook ingress device "lo" priority -450; udp sport 67 fwd to @th,288,48 map @port_of; }
}
`

/** What guestnet needs of the kernel, and the rights to use it. */
export async function checkKernel(): Promise<Check[]> {
  if (process.getuid?.() !== 0) return [bad('rights', 'not root', 'Run guestnet as root.')]
  const nft = await run('nft', ['-c', '-f', '-'], { input: TRIAL })
  const namespace = await run('unshare', ['--net', '--mount', 'true'])
  return [
    good('rights', 'root'),
    nft.ok
      ? good('nftables in the kernel', 'netdev chains, maps of links and forwarding work')
      : bad(
          'nftables in the kernel',
          nft.reason,
          'Load the modules nf_tables and nft_fwd_netdev, or use a newer kernel.',
        ),
    namespace.ok
      ? good('namespaces', 'network and mount namespaces can be made')
      : bad(
          'namespaces',
          namespace.reason,
          'Run guestnet on the node itself, not in an unprivileged container.',
        ),
    good('kernel', readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim()),
  ]
}
