import type { Act, Scene } from './act.ts'
import { announce } from './acts/announce.ts'
import { appear } from './acts/appear.ts'
import { conflict } from './acts/conflict.ts'
import { edit } from './acts/edit.ts'
import { kill } from './acts/kill.ts'
import { look } from './acts/look.ts'
import { migration } from './acts/migration.ts'
import { quiet } from './acts/quiet.ts'
import { settle } from './acts/settle.ts'
import { twins } from './acts/twins.ts'

/** In this order; each finds the stage as the one before left it. */
export const STORY: readonly Act[] = [
  settle,
  appear,
  quiet,
  edit,
  conflict,
  twins,
  kill,
  look,
  announce,
  migration,
]

/** Plays all acts. What throws ends the story: the acts after it would build on something that is not there. */
export async function play(scene: Scene, story: readonly Act[] = STORY): Promise<void> {
  for (const act of story) {
    await scene.tell.heading(act.heading)
    await act.play(scene)
  }
}
