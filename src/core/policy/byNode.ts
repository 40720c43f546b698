import * as z from 'zod'
import { must } from '../text/schema.ts'
import { isMap, NodeName } from './checks.ts'
import { writtenAs } from './writtenAs.ts'

/** One value for all nodes, or one for each node by its name. */
export type ByNode<T extends string | number> = T | Readonly<Record<string, T>>

/** The value for a node; `undefined` where there is a map and the node is not in it. */
export function forNode<T extends string | number>(value: ByNode<T>, node: string): T | undefined {
  if (!isByName(value)) return value
  return Object.hasOwn(value, node) ? value[node] : undefined
}

function isByName<T extends string | number>(value: ByNode<T>): value is Readonly<Record<string, T>> {
  return isMap(value)
}

/**
 * Schema of one value, or a map of them by node name. What completes "It must be …": `expected` for a value in the map,
 * `anyForm` for the whole.
 */
export function byNode<T extends string | number>(one: z.ZodType<T>, expected: string, anyForm: string) {
  const read = (input: unknown) => one.safeParse(input).data
  const schema = z.unknown().transform((input, context): ByNode<T> => {
    const refuse = (message: string, ...path: string[]) => {
      context.addIssue({ code: 'custom', message, path })
      return z.NEVER
    }
    if (!isMap(input)) return read(input) ?? refuse(must(anyForm)({ input }))
    const values = Object.entries(input).flatMap(([node, entry]): [string, T][] => {
      if (!NodeName.safeParse(node).success) refuse('is not a name that a node can have', node)
      const value = read(entry)
      if (value !== undefined) return [[node, value]]
      refuse(must(expected)({ input: entry }), node)
      return []
    })
    if (Object.keys(input).length === 0) refuse('must name at least one node')
    return Object.fromEntries(values)
  })
  return writtenAs(schema, one, z.record(NodeName, one))
}
