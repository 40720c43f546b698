import * as z from 'zod'
import type { Link, Links } from '../core/node/link.ts'
import { memoOfLast } from '../core/values/memo.ts'
import { run } from '../os/program.ts'
import { readEntries } from './entries.ts'

/** One entry of `ip -j link show`, ip-link(8), as much of it as is read here. */
const Entry = z.object({
  ifname: z.string(),
  ifindex: z.number(),
  mtu: z.number(),
  flags: z.array(z.string()),
  master: z.string().optional(),
  ifalias: z.string().optional(),
})

export function parseLinks(json: string): Links {
  return new Map(readEntries(Entry, json).map(entry => [entry.ifname, linkOf(entry)]))
}

/** Each minute there are mostly the same: then nothing of it is read again. */
const parseLinksOnce = memoOfLast(parseLinks)

function linkOf(entry: z.infer<typeof Entry>): Link {
  return {
    name: entry.ifname,
    ifindex: entry.ifindex,
    mtu: entry.mtu,
    up: entry.flags.includes('UP'),
    carrier: entry.flags.includes('LOWER_UP'),
    ...(entry.master === undefined ? {} : { master: entry.master }),
    ...(entry.ifalias === undefined ? {} : { alias: entry.ifalias }),
  }
}

/** The node's links. Throws when `ip` itself does not work. */
export async function observeLinks(): Promise<Links> {
  const listing = await run('ip', ['-j', 'link', 'show'])
  if (!listing.ok) throw new Error(listing.reason)
  return parseLinksOnce(listing.stdout)
}
