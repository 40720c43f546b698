import { expect, test } from 'vitest'
import { advertisement } from '../../test/builders.ts'
import { readTable, renderTable, revisionIn } from './table.ts'

const BOTH = [advertisement(101), advertisement(100)]

test('a table says again what it was made from, whatever the order', () => {
  expect(readTable(renderTable(BOTH))).toEqual([advertisement(100), advertisement(101)])
  expect(renderTable(BOTH)).toBe(renderTable(BOTH.toReversed()))
})

test('a line is what the advertiser needs, and then what it was made from', () => {
  const [head, line = ''] = renderTable([advertisement(100)]).split('\n')
  const [mac, source, message, ...rest] = line.split(' ')
  expect(head).toBe(`# ${revisionIn(renderTable([advertisement(100)]))}`)
  expect([mac, source]).toEqual(['525400006400', 'fe800000000000000000000000000001'])
  expect(message).toMatch(/^8600/)
  expect(JSON.parse(rest.join(' '))).toEqual(advertisement(100))
})

test('its revision changes with what is told', () => {
  expect(revisionIn(renderTable(BOTH))).not.toBe(revisionIn(renderTable(BOTH.slice(1))))
})

test('what another version wrote otherwise is left out', () => {
  expect(readTable('# 0\nmac source message {"vmid": 100}\nrubbish\n')).toEqual([])
})
