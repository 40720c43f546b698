import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readdirOrNothing } from './namespace.ts'
import type { LabNode } from './node.ts'

const QUESTIONS = [
  ['ip', '-br', 'link'],
  ['ip', 'rule'],
  ['ip', '-6', 'rule'],
  ['ip', 'route', 'show', 'table', 'all'],
  ['ip', '-6', 'route', 'show', 'table', 'all'],
  // Others are learned from traffic, and the kernel forgets them by itself.
  ['ip', 'neighbour', 'show', 'nud', 'permanent'],
  ['ip', '-6', 'neighbour', 'show', 'proxy'],
  ['nft', 'list', 'ruleset'],
] as const

/**
 * What a node has of a guest: the lines with one of `words` (its addresses, its MAC, the name of its port) among the
 * kernel's links, rules, routes and neighbours, nftables, and the routes its BIRD is given.
 */
export async function tracesOf(node: LabNode, words: readonly string[]): Promise<string[]> {
  const answers = await Promise.all(QUESTIONS.map(([command, ...args]) => node.run(command, args)))
  const bird = join(node.runDir, 'bird')
  const files = readdirOrNothing(bird).filter(name => /^guests\d\.conf$/.test(name))
  const texts = [...answers, ...files.map(name => readFileSync(join(bird, name), 'utf8'))]
  // Whole words: 203.0.113.2 is no part of 203.0.113.20.
  const alternatives = words.map(word => word.replaceAll('.', '\\.')).join('|')
  const isTrace = new RegExp(`(?<![\\w.:])(?:${alternatives})(?![\\w.:])`)
  return texts.flatMap(text => text.split('\n')).filter(line => isTrace.test(line))
}
