import { run } from '../os/program.ts'

/** The port of BGP (RFC 4271, section 4). */
export const BGP_PORT = 179

/** Where BIRD listens when another program of the node has the port of BGP; it then calls its peers, not they it. */
export const OTHER_PORT = 1790

/** A program that listens on the port of BGP. */
export interface PortHolder {
  readonly program: string
  readonly pid: number
}

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
  return holders.find(({ pid }) => pid !== own)
}

/** Reads the processes that `ss -p` names, ss(8): `users:(("bgpd",pid=123,fd=4))`; one it cannot see has no name. */
export function readHolders(text: string): PortHolder[] {
  return text
    .split('\n')
    .filter(line => line.trim() !== '')
    .flatMap(line => {
      const named = [...line.matchAll(/\("([^"]*)",pid=([0-9]+)/g)]
      const holders = named.map(([, program = '', pid]) => ({ program, pid: Number(pid) }))
      return holders.length > 0 ? holders : [{ program: 'another program', pid: 0 }]
    })
}
