import { run } from './program.ts'

/**
 * Tells the service manager something, sd_notify(3); nothing where there is none. By systemd-notify(1), which speaks for
 * the process that runs it: Node.js has no datagram sockets of the file system.
 */
export async function notify(...states: readonly string[]): Promise<void> {
  if (process.env.NOTIFY_SOCKET === undefined) return
  await run('systemd-notify', states, { timeout: 5000 })
}

/** Milliseconds within which the service manager wants to hear from this process, sd_watchdog_enabled(3). */
export function watchdogInterval(environment: NodeJS.ProcessEnv = process.env): number | undefined {
  const { WATCHDOG_USEC, WATCHDOG_PID } = environment
  if (WATCHDOG_PID !== undefined && Number(WATCHDOG_PID) !== process.pid) return undefined
  const interval = Number(WATCHDOG_USEC) / 1000
  return interval > 0 ? interval : undefined
}
