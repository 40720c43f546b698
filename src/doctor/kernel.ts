import { readFileSync } from 'node:fs'
import { renderGuardTrial } from '../nftables/guard/trial.ts'
import { renderTrial } from '../nftables/render.ts'
import { run } from '../os/program.ts'
import { bad, type Check, good } from './check.ts'

const TRIAL = [...renderTrial('guestnet-trial', 'lo'), ...renderGuardTrial('guestnet-trial.guard', 'lo')]

/** What guestnet needs of the kernel, and the rights to use it. */
export async function checkKernel(): Promise<Check[]> {
  if (process.getuid?.() !== 0) return [bad('rights', 'not root', 'Run guestnet as root.')]
  const nft = await run('nft', ['-c', '-f', '-'], { input: `${TRIAL.join('\n')}\n` })
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
