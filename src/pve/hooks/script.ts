import type { Vmid } from '../../core/guest/names.ts'

/** The hookscript of all guests that had none of their own. */
export const SCRIPT_NAME = 'guestnet-hook'

/** The hookscript of a guest that had one of its own. */
export function chainNameOf(vmid: Vmid): string {
  return `${SCRIPT_NAME}-${vmid}`
}

/** What the hookscripts here are, by their names, on whatever storage. */
export function kindOf(name: string): 'shared' | 'chain' | 'foreign' {
  if (name === SCRIPT_NAME) return 'shared'
  return /^guestnet-hook-[1-9][0-9]*$/.test(name) ? 'chain' : 'foreign'
}

/**
 * Proxmox sets a hook no time limit, and a `pre-start` that fails keeps the guest from starting, migrating and being
 * recovered. So the script does no harm where guestnet hangs, or was removed and the script was not.
 */
const CALL = `if command -v guestnet >/dev/null; then
  timeout -k 1 3 guestnet hook "$1" "$2" </dev/null
fi`

/** The hookscript by itself. */
export function hookScript(): string {
  return `#!/bin/sh
# Written by guestnet hook install. Tells guestnet that a guest starts or stops.
${CALL}
exit 0
`
}

const FORMER = '# former hookscript: '

/**
 * A hookscript that first runs the one the guest had, and ends as that did: as before, it decides whether the guest may
 * start.
 *
 * @param volume as it was set in the guest's configuration; `remove` sets it again
 * @param path where that is
 */
export function chainScript(volume: string, path: string): string {
  return `#!/bin/sh
# Written by guestnet hook install. Runs the guest's former hookscript, then guestnet; its exit status is the former's.
${FORMER}${volume}
${quote(path)} "$@"
status=$?
${CALL}
exit $status
`
}

/** The volume a chaining script runs first. */
export function formerOf(script: string): string | undefined {
  const line = script.split('\n').find(text => text.startsWith(FORMER))
  return line?.slice(FORMER.length)
}

/** As one word of sh(1). */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
