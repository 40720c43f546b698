import { expect, test } from 'vitest'
import { type PropertySchema, readProperties } from './propertyString.ts'
import { BOOLEAN, choice, decimal, integer } from './scalar.ts'

const SCHEMA: PropertySchema = {
  properties: {
    model: choice(['virtio', 'e1000']),
    mac: choice(['M']),
    on: BOOLEAN,
    count: integer('a count', 1, 9),
    rate: decimal(0),
    extra: BOOLEAN,
  },
  required: ['model'],
  requires: { extra: 'on' },
  defaultKey: 'model',
  shorthand: { names: ['virtio', 'e1000'], name: 'model', value: 'mac' },
}

test.each([
  ['model=virtio', { model: 'virtio' }],
  ['virtio', { model: 'virtio' }],
  ['virtio=M', { model: 'virtio', mac: 'M' }],
  ['count=5,virtio', { count: '5', model: 'virtio' }],
  [',virtio,, ,on=YES,', { model: 'virtio', on: '1' }],
  ['virtio,on=Off,extra=1', { model: 'virtio', on: '0', extra: '1' }],
  ['model=0,virtio', { model: 'virtio' }],
  ['virtio,count=+5,rate=1e3', { model: 'virtio', count: '+5', rate: '1e3' }],
])('what Proxmox takes is read: %j', (text, values) => {
  const read = readProperties(SCHEMA, text)
  expect('value' in read && Object.fromEntries(read.value)).toEqual(values)
})

test.each([
  ['', 'model is missing'],
  ['on=1', 'model is missing'],
  ['virtio,virtio', 'model is given twice'],
  ['virtio,model=e1000', 'model is given twice'],
  ['virtio=M,mac=M', 'mac is given twice'],
  ['virtio,on=1,on=1', 'on is given twice'],
  ['virtio,foo=1', '`foo` is not an option that Proxmox knows here'],
  ['virtio,__proto__=1', '`__proto__` is not an option that Proxmox knows here'],
  ['virtio, on=1', '" on" is not an option that Proxmox knows here'],
  ['virtio,on=', '"on=" lacks a value'],
  ['virtio,=1', '"=1" lacks a key'],
  ['virtio,on=2', '"on=2" is not yes or no'],
  ['virtio,count=0', '"count=0" is not a count from 1 to 9'],
  ['virtio,count=5.0', '"count=5.0" is not a count from 1 to 9'],
  ['virtio,rate=-1', '"rate=-1" is not a number from 0'],
  ['virtio,extra=1', 'extra is given without on'],
])('anything else spoils the whole, and is said: %j', (text, wrong) =>
  expect(readProperties(SCHEMA, text)).toEqual({ wrong }),
)

test('without a default key, a bare value is wrong', () => {
  expect(readProperties({ properties: { on: BOOLEAN } }, 'on')).toEqual({ wrong: '`on` lacks a key' })
})
