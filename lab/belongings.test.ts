import { expect, test } from 'vitest'
import { Belongings } from './belongings.ts'

test('the latest goes first, and a failure stops nothing', async () => {
  const belongings = new Belongings()
  const gone: string[] = []
  belongings.add('namespace', () => void gone.push('namespace'))
  belongings.add('link', () => {
    throw new Error('busy')
  })
  belongings.add('process', async () => void gone.push('process'))
  await expect(belongings.removeAll()).rejects.toThrow('cannot remove link: Error: busy')
  expect(gone).toEqual(['process', 'namespace'])
})

test('what is added while the rest goes is removed too', async () => {
  const belongings = new Belongings()
  const gone: string[] = []
  belongings.add('first', () => belongings.add('late', () => void gone.push('late')))
  await belongings.removeAll()
  expect(gone).toEqual(['late'])
  expect(() => belongings.add('too late', () => undefined)).toThrow('closed')
})
