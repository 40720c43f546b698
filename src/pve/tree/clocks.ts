import { join } from 'node:path'
import { memoOfLast } from '../../core/values/memo.ts'
import { readText } from '../../os/files.ts'

/** When each node last told the cluster how it is, by its own clock; empty where nothing tells, as in a plain tree. */
export function readClocks(root: string): ReadonlyMap<string, number> {
  const file = readText(join(root, '.rrd'))
  return file.ok ? parseClocks(file.text) : new Map()
}

/**
 * The nodes' own times in `.rrd`, Unix seconds: one line a node that reported within the last five minutes, which it does
 * every ten seconds, `pve2-node/NODE:UPTIME:SUBLEVEL:TIME:…` (PVE 9: `pve-node-9.0/NODE`; pve-manager, `pvestatd`).
 */
export const parseClocks = memoOfLast((text: string): ReadonlyMap<string, number> => {
  return new Map(
    text.split('\n').flatMap(line => {
      const [, node, time] = /^pve[^/:]*-node[^/:]*\/([^:/]+):[^:]*:[^:]*:([0-9]+)(?::|$)/.exec(line) ?? []
      return node === undefined || Number(time) > LATEST ? [] : [[node, Number(time)] as const]
    }),
  )
})

/** A day before Unix seconds no longer fit into 32 bits, as a MED has: nobody's clock says so. */
const LATEST = 0xffff_ffff - 86_400
