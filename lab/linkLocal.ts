import { eventually } from './eventually.ts'
import type { Namespace } from './namespace.ts'

/**
 * Waits until a link's link-local address can be used. While the kernel looks for duplicates of it (RFC 4862, section 5.4), nothing
 * can be bound to it, and it has no route.
 */
export async function linkLocalIsUsable(where: Namespace, link: string): Promise<void> {
  const addresses = () => where.run('ip', ['-6', '-o', 'address', 'show', 'dev', link])
  await eventually(
    `${link}’s link-local address can be used`,
    async () => {
      const shown = await addresses()
      return shown.includes('scope link') && !shown.includes('tentative')
    },
    { dump: addresses },
  )
}
