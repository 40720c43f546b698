import * as z from 'zod'
import { must } from '../text/schema.ts'

/** Whether a plain value of YAML is a map. */
export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * For `refine` on a map: the check also runs where something else in the map is wrong, as all mistakes are told at
 * once. It sees what could be read, and so must expect anything.
 */
export const evenIfBroken = { when: ({ value }: { readonly value: unknown }) => isMap(value) }

/**
 * A list without two items of the same key. An item without a key, for a mistake in it, is let pass. `clash` completes
 * "The third … the first".
 */
export function distinct<Item extends z.ZodType>(
  list: z.ZodArray<Item>,
  keyOf: (item: unknown) => string | undefined,
  clash: string,
): z.ZodArray<Item> {
  return list.superRefine(
    (items, context) => {
      const firstWith = new Map<string, number>()
      for (const [index, item] of items.entries()) {
        const key = keyOf(item)
        if (key === undefined) continue
        const first = firstWith.get(key)
        if (first === undefined) firstWith.set(key, index)
        else context.addIssue({ code: 'custom', path: [index], message: `${clash} \`[${first}]\`` })
      }
    },
    // Also where an item is wrong: see `evenIfBroken`.
    { when: ({ value }) => Array.isArray(value) },
  )
}

/**
 * A list that is refused unread when it has more than `most` items: nobody would read as many mistakes, and at a
 * hundred thousand in one list within another, zod runs out of stack.
 */
export function atMost<List extends z.ZodType>(most: number, list: List) {
  return z.preprocess((input, context) => {
    if (!Array.isArray(input) || input.length <= most) return input
    context.addIssue({ code: 'custom', message: `must have at most ${most} items, not ${input.length}` })
    return z.NEVER
  }, list)
}

/** A whole number within bounds, both included; `expected` completes "It must be …". */
export function wholeNumber(smallest: number, largest: number, expected: string) {
  const error = must(expected)
  return z
    .number({ error })
    .refine(number => Number.isInteger(number) && number >= smallest && number <= largest, { error })
    .meta({ type: 'integer', minimum: smallest, maximum: largest })
}

/** A 16-bit TCP port (RFC 9293, section 3.1). */
export const TcpPort = wholeNumber(1, 65_535, 'a TCP port from 1 to 65535')

const NAME_OF_LINK = must('the name of a link, at most 15 characters')

/** A name the kernel gives a link (`dev_valid_name`), as far as it needs no quotes in anybody's configuration. */
export const LinkName = z
  .string({ error: NAME_OF_LINK })
  .regex(/^(?!\.{1,2}$)[\w.-]{1,15}$/, { error: NAME_OF_LINK })

const NAME_OF_BRIDGE = must('the name of a bridge or vnet, at most 15 characters')

export const BridgeName = z
  .string({ error: NAME_OF_BRIDGE })
  .regex(/^[\w.-]{1,15}$/, { error: NAME_OF_BRIDGE })

export const Vlan = wholeNumber(1, 4094, 'a VLAN from 1 to 4094')

const NAME_OF_NODE = must('the name of a node')

/** What Proxmox VE accepts as a node's name (`pve-node` in PVE::JSONSchema), and no longer than a DNS label. */
export const NodeName = z
  .string({ error: NAME_OF_NODE })
  .regex(/^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/, { error: NAME_OF_NODE })
