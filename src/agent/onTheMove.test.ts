import { expect, test } from 'vitest'
import { linksOf, observation, readingOf, vm } from '../../test/builders.ts'
import type { Guest } from '../core/guest/guest.ts'
import { movementOf } from './onTheMove.ts'

function movement(guest: Guest, links: readonly string[]): string {
  return movementOf({ reading: readingOf([guest]), observation: observation({ links: linksOf(...links) }) })
}

const HERE = vm(100, [{}])
const LOCKED = vm(100, [{}], { lock: 'migrate' })
const ELSEWHERE = vm(100, [{}], { node: 'pve2' })

test.each([
  ['runs here and stays', HERE, ['tap100i0'], 'none'],
  ['is about to leave', LOCKED, ['tap100i0'], 'going'],
  ['is locked, and stopped', LOCKED, [], 'none'],
  ['has a port here and its file elsewhere', ELSEWHERE, ['tap100i0'], 'coming'],
  ['runs elsewhere', ELSEWHERE, [], 'none'],
])('a guest that %s', (_, guest, links, expected) => {
  expect(movement(guest, links)).toBe(expected)
})
