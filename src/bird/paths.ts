import { join } from 'node:path'

/** Where a BIRD of guestnet's has its files, all below the instance's run directory. */
export interface BirdPaths {
  readonly folder: string
  readonly config: string
  readonly guests4: string
  readonly guests6: string
  readonly revision: string
  readonly socket: string
  readonly pid: string
  readonly log: string
}

export function birdPaths(runDir: string): BirdPaths {
  const folder = join(runDir, 'bird')
  return {
    folder,
    config: join(folder, 'bird.conf'),
    guests4: join(folder, 'guests4.conf'),
    guests6: join(folder, 'guests6.conf'),
    revision: join(folder, 'revision.conf'),
    socket: join(folder, 'bird.ctl'),
    pid: join(folder, 'bird.pid'),
    log: join(folder, 'bird.log'),
  }
}
