import { setTimeout as delay } from 'node:timers/promises'
import { run } from './program.ts'

/**
 * Tells the service manager something, sd_notify(3), and whether that could be told; nothing where there is none. By
 * systemd-notify(1), which speaks for the process that runs it: Node.js has no datagram sockets of the file system.
 */
export async function notify(...states: readonly string[]): Promise<boolean> {
  if (process.env.NOTIFY_SOCKET === undefined) return true
  return (await run('systemd-notify', states)).ok
}

/** As `notify`, again and again, as often as that, where it cannot be told: without a CPU to spare, the program may not end in time. */
export async function notifySurely(state: string, tries: number): Promise<void> {
  for (let rest = tries; rest > 0; rest -= 1) {
    if (await notify(state)) return
    await delay(1000)
  }
}

/** Milliseconds within which the service manager wants to hear from this process, sd_watchdog_enabled(3). */
export function watchdogInterval(environment: NodeJS.ProcessEnv = process.env): number | undefined {
  const { WATCHDOG_USEC, WATCHDOG_PID } = environment
  if (WATCHDOG_PID !== undefined && Number(WATCHDOG_PID) !== process.pid) return undefined
  const interval = Number(WATCHDOG_USEC) / 1000
  return interval > 0 ? interval : undefined
}
