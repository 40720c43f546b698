import * as z from 'zod'
import type { Problem } from '../problem/problem.ts'
import type { Where } from '../problem/refusal.ts'
import { checkYaml } from '../text/schema.ts'
import type { Path } from '../text/yaml.ts'
import { AnnouncePolicy } from './announce.ts'
import { BgpPolicy } from './bgp.ts'
import { ChangesPolicy } from './changes.ts'
import { evenIfBroken, isMap } from './checks.ts'
import { ConflictPolicy } from './conflicts.ts'
import { DhcpPolicy } from './dhcp.ts'
import { GuardPolicy } from './guard.ts'
import { HttpPolicy } from './http.ts'

const PARTS = {
  dhcp: z.preprocess(input => input ?? {}, DhcpPolicy),
  /** What several guests want. */
  conflicts: z.preprocess(input => input ?? {}, ConflictPolicy),
  /** What a change of this file may take away unasked. */
  changes: z.preprocess(input => input ?? {}, ChangesPolicy),
  /** Absent: nothing is announced. */
  announce: z.optional(AnnouncePolicy),
  /** Absent: only the kernel knows what is announced. */
  bgp: z.optional(BgpPolicy),
  /** Absent: only who is on the node may look. */
  http: z.optional(HttpPolicy),
  /** What may leave guests' ports. */
  guard: z.preprocess(input => input ?? {}, GuardPolicy),
}

/** A part whose keys are all commented out (`dhcp:` with nothing after it) is as good as absent. */
function withoutEmptyParts(input: unknown): unknown {
  if (!isMap(input)) return input
  const written = ([key, value]: [string, unknown]) => value !== null || !Object.hasOwn(PARTS, key)
  return Object.fromEntries(Object.entries(input).filter(written))
}

/** Which of the export rules are for networks that are not announced: most likely misspelt. Either part may be broken. */
function rulesOfNoNetwork(announce: unknown, bgp: unknown): number[] {
  const networks =
    isMap(announce) && Array.isArray(announce.networks) ? announce.networks.filter(isMap) : undefined
  const rules: unknown[] = isMap(bgp) && Array.isArray(bgp.export) ? bgp.export : []
  if (!networks) return []
  return rules.flatMap((rule, index) => {
    if (!isMap(rule) || typeof rule.bridge !== 'string') return []
    return networks.some(({ bridge, tag }) => bridge === rule.bridge && tag === rule.tag) ? [] : [index]
  })
}

/** The policy file, `/etc/pve/guestnet.yaml`: one schema a part. */
export const Policy = z.preprocess(
  withoutEmptyParts,
  z
    .strictObject(PARTS)
    .refine(({ announce, bgp }) => announce !== undefined || !isMap(bgp) || bgp.mode === 'external', {
      ...evenIfBroken,
      path: ['bgp'],
      error: 'has nothing to announce: add `announce`, or remove `bgp`',
    })
    .superRefine(({ announce, bgp }, context) => {
      for (const index of rulesOfNoNetwork(announce, bgp)) {
        const message = 'is for a network that is none of `announce.networks`'
        context.addIssue({ code: 'custom', path: ['bgp', 'export', index], message })
      }
    }, evenIfBroken),
)
export type Policy = z.output<typeof Policy>

/** What holds without a policy file: every guest with a static address is served. */
export const DEFAULT_POLICY: Policy = Policy.parse({})

/**
 * Where the policy in force comes from. `last-good`: the file is not valid; `waiting`: the file says something else, or is
 * gone, and that waits to be accepted; `none`: there is no valid one and never was, so nothing is known to be wanted.
 */
export const POLICY_SOURCES = ['file', 'default', 'last-good', 'waiting', 'none'] as const
export type PolicySource = (typeof POLICY_SOURCES)[number]

/** Where the keys that lead to a setting stand. */
export type PolicyPlace = (path: Path) => Where

/** Characters. Many times what a policy needs; even rubbish of this length is read in about a second. */
const LONGEST = 131_072

/**
 * Reads a policy. Never throws: a text with mistakes gives all of them, in the order of the text, each with its line
 * and column. `file` is what the problems name.
 */
export function parsePolicy(
  text: string,
  file: string,
): { ok: true; policy: Policy; placeOf: PolicyPlace } | { ok: false; problems: Problem[] } {
  if (text.length > LONGEST) {
    const message = `The policy is longer than ${LONGEST} characters.`
    return { ok: false, problems: [{ code: 'policy-invalid', message, file, line: 1, column: 1 }] }
  }
  const { value, mistakes, yaml } = checkYaml(text, Policy)
  const placeOf: PolicyPlace = path => ({ file, line: yaml.placeOf(path, 'key').line })
  if (value !== undefined) return { ok: true, policy: value, placeOf }
  return {
    ok: false,
    problems: mistakes.map(mistake => ({ code: 'policy-invalid', ...mistake, file })),
  }
}
