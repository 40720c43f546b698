import { BGP_PORT } from '../core/announcing/birdSettings.ts'
import type { PortHolder } from '../core/announcing/observation.ts'
import { run } from '../os/program.ts'

/**
 * Who listens on this node's port of BGP, other than our own BIRD. A BIRD that already runs keeps the port it has, for
 * changing it ends every session: ask before one is started. `program`: the command that is `ss`.
 */
export async function findPortHolder(
  own: number | undefined,
  program: readonly string[] = ['ss'],
): Promise<PortHolder | undefined> {
  const [file = 'ss', ...before] = program
  const listening = await run(file, [...before, '-H', '-l', '-t', '-n', '-p', 'sport', '=', `:${BGP_PORT}`])
  const holders = listening.ok ? readHolders(listening.stdout) : []
  return holders.find(({ pid }) => own === undefined || pid !== own)
}

/** Reads the processes that `ss -p` names, ss(8): `users:(("bgpd",pid=123,fd=4))`; one it cannot see has no name. */
export function readHolders(text: string): PortHolder[] {
  return text
    .split('\n')
    .filter(line => line.trim() !== '')
    .flatMap(line => {
      const named = [...line.matchAll(/\("([^"]*)",pid=([0-9]{1,10})/g)]
      const holders = named.map(([, program = '', pid]) => ({ program, pid: Number(pid) }))
      return holders.length > 0 ? holders : [{ program: 'another program' }]
    })
}
