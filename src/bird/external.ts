import type { ExternalSettings } from '../core/announcing/birdSettings.ts'
import { renderBirdSnippet } from './externalBird.ts'
import { renderFrrSnippet } from './externalFrr.ts'

/** A daemon, and as of which version the snippet is for. `frr8` is for FRR before 10.1, as Debian 12 has it. */
export type ExternalDaemon = 'bird' | 'frr' | 'frr8'

/** What to add to the configuration of a daemon so that it announces guestnet's routes, with comments. */
export function renderSnippet(daemon: ExternalDaemon, settings: ExternalSettings): string {
  return daemon === 'bird' ? renderBirdSnippet(settings) : renderFrrSnippet(settings, daemon)
}
