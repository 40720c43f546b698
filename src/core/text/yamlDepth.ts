import { type CST, Parser } from 'yaml'

/**
 * How deep the lists and maps of a text are nested, told from its tokens without recursion. The library composes by
 * recursion, and where that uses up the stack inside a regular expression, V8 ends the process: nothing to catch.
 */
export function depthOf(text: string): number {
  const waiting: { token: CST.Token | null | undefined; depth: number }[] = []
  for (const token of new Parser().parse(text)) waiting.push({ token, depth: 0 })
  let deepest = 0
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    deepest = Math.max(deepest, next.depth)
    for (const token of insideOf(next.token)) waiting.push({ token, depth: next.depth + 1 })
  }
  return deepest
}

function insideOf(token: CST.Token | null | undefined): (CST.Token | null | undefined)[] {
  if (!token) return []
  if ('items' in token) return token.items.flatMap(item => [item.key, item.value])
  return token.type === 'document' ? [token.value] : []
}
