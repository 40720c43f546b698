import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LabNode } from './node.ts'

/**
 * Puts a shell script in place of a program on one node, for processes that start from now on; in the script `$real` is
 * the program itself, by its own name. Calling what is returned puts the program back.
 */
export async function substitute(
  node: LabNode,
  program: string,
  script: string,
): Promise<() => Promise<void>> {
  const path = (await node.run('sh', ['-c', `readlink -f "$(command -v ${program})"`])).trim()
  const folder = node.lab.folder('substitutes', node.netns)
  const [real, substitute] = [
    join(node.lab.folder('substituted', node.netns), program),
    join(folder, program),
  ]
  writeFileSync(real, '')
  writeFileSync(substitute, `#!/bin/sh\nreal=${real}\n${script}\n`, { mode: 0o755 })
  await node.run('mount', ['--bind', path, real])
  await node.run('mount', ['--bind', substitute, path])
  return async () => {
    await node.run('umount', [path])
    await node.run('umount', [real])
  }
}
