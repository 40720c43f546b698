import { eventually } from './eventually.ts'
import type { Namespace } from './namespace.ts'
import { run } from './process.ts'

interface LinkState {
  readonly qdisc?: string
  readonly linkinfo?: { readonly info_slave_data?: { readonly state?: string } }
}

/**
 * Waits until links really carry frames: a kernel may take a second to notice that the other end of a veth is up, and
 * drops what is sent until then. A proof that nothing reaches the LAN would prove nothing.
 */
export async function settle(where: Namespace, links: readonly string[]): Promise<void> {
  if (links.length === 0) return
  const question = links.map(link => `link show dev ${link}\n`).join('')
  await eventually(
    `${links.join(' ')} carry frames`,
    async () => {
      const answers = await run(['ip', '-n', where.netns, '-j', '-d', '-batch', '-'], { input: question })
      const states = answers.split('\n').flatMap(line => JSON.parse(line) as LinkState[])
      return states.every(carriesFrames)
    },
    { everyMs: 10, dump: () => where.run('ip', ['-d', 'link']) },
  )
}

function carriesFrames({ qdisc, linkinfo }: LinkState): boolean {
  const port = linkinfo?.info_slave_data
  return qdisc !== 'noop' && (port === undefined || port.state === 'forwarding')
}
