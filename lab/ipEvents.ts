import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Namespace } from './namespace.ts'

/**
 * Hears what ip-monitor(8) tells of one kind of object in a namespace, line by line, until the lab is closed. What happens
 * before this resolves may be missed.
 */
export async function hearIpEvents(
  where: Namespace,
  object: 'link' | 'route',
  onLine: (line: string) => void,
): Promise<void> {
  const [file = '', ...before] = where.enter
  // Detached, so that Ctrl-C in a terminal leaves its end to the lab.
  const child = spawn(file, [...before, 'ip', '-o', 'monitor', object], {
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  })
  const exited = once(child, 'exit')
  where.lab.own(`ip monitor ${object} on ${where.netns}`, async () => {
    child.kill('SIGTERM')
    await exited
  })
  const { promise, resolve } = heard()
  createInterface({ input: child.stdout }).on('line', line => {
    resolve()
    onLine(line)
  })
  await provoke(where, object, promise)
}

/** Makes something happen, again and again, until it is heard: the monitor does not say when it has begun to listen. */
async function provoke(where: Namespace, object: 'link' | 'route', isHeard: Promise<void>): Promise<void> {
  let listening = false
  void isHeard.then(() => {
    listening = true
  })
  const sign = object === 'link' ? LINK_SIGN : ROUTE_SIGN
  while (!listening) await where.ip(sign)
}

const LINK_SIGN = ['link add listening type bridge', 'link del listening']
const ROUTE_SIGN = ['route add 192.0.2.255/32 dev lo', 'route del 192.0.2.255/32 dev lo']

/** `Promise.withResolvers` comes with Node 22. */
function heard(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => undefined
  const promise = new Promise<void>(done => {
    resolve = done
  })
  return { promise, resolve }
}
