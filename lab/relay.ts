import { connect, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { eventually } from './eventually.ts'
import { readdirOrNothing } from './namespace.ts'
import type { LabNode } from './node.ts'

/** Runs in the node's network: what comes by the socket `argv[1]` goes to a port of its loopback address, and back. */
const INSIDE = `
  const { createServer, connect } = require('node:net')
  createServer(near => {
    const far = connect(Number(process.argv[2]), '127.0.0.1')
    for (const [one, other] of [[near, far], [far, near]]) one.pipe(other).on('error', () => one.destroy())
  }).listen(process.argv[1])
`

/**
 * Makes a port of a node's loopback address reachable at the machine's own, which is another network: for people's
 * browsers. Takes the same port, or any where that is taken; returns which. Ends with the lab.
 */
export async function relay(node: LabNode, port: number): Promise<number> {
  const folder = node.lab.folder('relay', node.netns)
  const socket = join(folder, String(port))
  node.spawn('relay', process.execPath, ['-e', INSIDE, socket, String(port)])
  await eventually('the relay listens', () => readdirOrNothing(folder).length > 0)
  const server = createServer(near => {
    const far = connect(socket)
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const)
      one.pipe(other).on('error', () => one.destroy())
  })
  node.lab.own('relay', () => void server.close())
  return await listen(server, port).catch(() => listen(server, 0))
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address ? address.port : port)
    })
  })
}
