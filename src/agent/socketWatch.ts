import { connect, type Socket } from 'node:net'
import { withSocketPath } from '../os/socketPath.ts'

/** Holds a connection to a daemon's control socket: it closes the moment the daemon is gone, whoever started it. */
export class SocketWatch {
  readonly #onGone: () => void
  #socket: Socket | undefined

  constructor(onGone: () => void) {
    this.#onGone = onGone
  }

  /** Connects where there is no connection yet. Cheap enough for every second. */
  async keep(path: string): Promise<void> {
    if (this.#socket) return
    try {
      await withSocketPath(path, reachable => this.#connect(reachable))
    } catch {
      // There is no folder yet, and so no daemon.
    }
  }

  stop(): void {
    const socket = this.#socket
    this.#socket = undefined
    socket?.destroy()
  }

  #connect(path: string): Promise<void> {
    return new Promise(resolve => {
      const socket = connect(path)
      this.#socket = socket
      let isConnected = false
      socket.once('connect', () => {
        isConnected = true
        resolve()
      })
      // What it says is of no interest, but has to be taken.
      socket.resume()
      socket.on('error', () => undefined)
      socket.once('close', () => {
        resolve()
        if (this.#socket !== socket) return
        this.#socket = undefined
        if (isConnected) this.#onGone()
      })
      socket.unref()
    })
  }
}
