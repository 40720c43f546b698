import { connect } from 'node:net'
import { afterListening } from '../os/deadline.ts'
import { withSocketPath } from '../os/socketPath.ts'

/** Milliseconds in which an advertiser that is well has answered, also on a busy node. */
const PATIENCE = 1000

/** The revision of the table that an advertiser goes by; `undefined`: none answers. */
export async function revisionInForce(socket: string, timeout = PATIENCE): Promise<string | undefined> {
  try {
    const said = await withSocketPath(socket, path => readAll(path, timeout))
    return /^\d+ (\S+)\n$/.exec(said)?.[1]
  } catch {
    return undefined
  }
}

function readAll(path: string, timeout: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = ''
    const connection = connect(path).setEncoding('utf8')
    const cancel = afterListening(timeout, () =>
      connection.destroy(new Error(`no answer within ${timeout} ms`)),
    )
    connection.on('data', (text: string) => {
      said += text
    })
    connection.on('end', () => resolve(said))
    connection.on('error', reject)
    connection.on('close', () => {
      cancel()
      reject(new Error('it closed its control socket'))
    })
  })
}
