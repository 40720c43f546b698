import { connect } from 'node:net'
import * as z from 'zod'
import { afterListening } from '../os/deadline.ts'
import { withSocketPath } from '../os/socketPath.ts'

/** What a command came back with. `result` 0 is success, 3 is an empty list (Kea ARM, "Control Channel"). */
const Reply = z.object({
  result: z.number(),
  text: z.string().optional(),
  arguments: z.record(z.string(), z.unknown()).optional(),
})
type Reply = z.infer<typeof Reply>

/**
 * Sends one command to a Kea's control socket and waits for the reply.
 * Throws when nobody answers within `timeout` milliseconds, or not in Kea's format.
 */
export async function command(
  socket: string,
  name: string,
  args: object | undefined,
  timeout = 2000,
): Promise<Reply> {
  const message = JSON.stringify({ command: name, ...(args && { arguments: args }) })
  const text = await withSocketPath(socket, path => converse(path, message, timeout))
  return Reply.parse(JSON.parse(text))
}

/** Kea closes the connection after its reply. */
function converse(path: string, message: string, timeout: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    const connection = connect(path, () => connection.write(message))
    const cancel = afterListening(timeout, () =>
      connection.destroy(new Error(`no answer within ${timeout} ms`)),
    )
    connection.on('data', chunk => chunks.push(chunk))
    connection.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')))
    connection.on('error', reject)
    connection.on('close', () => cancel())
  })
}

/** Whether a Kea is there and in its main loop, which is where it also takes messages. */
export async function isAnswering(socket: string, timeout: number): Promise<boolean> {
  try {
    return (await command(socket, 'version-get', undefined, timeout)).result === 0
  } catch {
    return false
  }
}

/** The newest value of one of Kea's statistics (Kea ARM, "Statistics"); 0 where it has not counted any yet. */
export async function statistic(socket: string, name: string): Promise<number> {
  const reply = await command(socket, 'statistic-get', { name })
  const samples = z.array(z.array(z.unknown())).safeParse(reply.arguments?.[name])
  const newest = samples.data?.[0]?.[0]
  return typeof newest === 'number' ? newest : 0
}
