import { join } from 'node:path'

/** Where the advertiser has its files, below the instance's run directory. */
export interface AdvertiserPaths {
  /** Root's: what it is told and what it runs, which it can only read. */
  readonly folder: string
  readonly program: string
  readonly table: string
  readonly log: string
  readonly pid: string
  /** Its own: where it makes its socket. */
  readonly run: string
  readonly socket: string
}

export function advertiserPaths(runDir: string): AdvertiserPaths {
  const folder = join(runDir, 'advertiser')
  const run = join(folder, 'run')
  return {
    folder,
    run,
    program: join(folder, 'advertiser.pl'),
    table: join(folder, 'table'),
    log: join(folder, 'log'),
    pid: join(folder, 'pid'),
    socket: join(run, 'socket'),
  }
}
