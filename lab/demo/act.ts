import type { Narrator } from './narrate.ts'
import type { Stage } from './stage.ts'

/** What an act plays with. */
export interface Scene {
  readonly stage: Stage
  readonly tell: Narrator
}

export interface Act {
  /** One line: what is shown, and why it matters. */
  readonly heading: string
  readonly play: (scene: Scene) => Promise<void>
}
