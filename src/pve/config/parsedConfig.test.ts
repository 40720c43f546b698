import { expect, test } from 'vitest'
import { parseGuestConfig } from './parsedConfig.ts'

function codesOf(text: string, type: 'qemu' | 'lxc') {
  return parseGuestConfig(text, type).problems.map(({ code, line }) => [line, code])
}

test('only the live part of a file gives values', () => {
  const parsed = parseGuestConfig(
    'name: live\n[PENDING]\nname: later\n[snap1]\nname: before\nlock: x',
    'qemu',
  )
  expect(parsed.name).toBe('live')
  expect(parsed.lock).toBeUndefined()
  expect(parsed.problems).toEqual([])
})

test('of two lines with the same key the last counts', () => {
  expect(parseGuestConfig('name: a\nname: b', 'qemu').name).toBe('b')
})

test('an invalid value of a VM is as if it were not there', () => {
  const parsed = parseGuestConfig('name: good\nname: bad_', 'qemu')
  expect(parsed.name).toBe('good')
  expect(codesOf('name: good\nname: bad_', 'qemu')).toEqual([[2, 'config-value-invalid']])
})

test('an invalid value of a container stays, except that no interface comes of it', () => {
  const text = 'hostname: bad_\nnet0: name=eth0\nnet0: name=eth0,tag=0'
  const parsed = parseGuestConfig(text, 'lxc')
  expect(parsed.name).toBe('bad_')
  expect(parsed.nets.size).toBe(0)
  expect(codesOf(text, 'lxc')).toEqual([
    [1, 'config-value-invalid'],
    [3, 'config-value-invalid'],
  ])
})

test('a line without key, an unknown key and an unknown section are told apart', () => {
  expect(codesOf('garbage\nfoo: 1\nmemory: 512\n[x]\nanything', 'qemu')).toEqual([
    [1, 'config-line-ignored'],
    [2, 'config-key-unknown'],
    [4, 'config-section-ignored'],
  ])
})

test('an unknown section of a container does not end the one before it', () => {
  const parsed = parseGuestConfig('hostname: a\n[x]\nhostname: b', 'lxc')
  expect(parsed.name).toBe('b')
  expect(parsed.problems.map(({ code }) => code)).toEqual(['config-section-ignored'])
})

test('problems of the other sections say which', () => {
  expect(parseGuestConfig('[snap1]\nfoo: 1', 'qemu').problems).toEqual([
    {
      code: 'config-key-unknown',
      line: 2,
      message: 'in [snap1]: `foo` is not a key that Proxmox knows here; the line is ignored',
    },
  ])
})

test('a gateway beside dhcp is a problem of its NIC, and no addresses', () => {
  const parsed = parseGuestConfig('name: web\nipconfig3: ip=dhcp,gw=192.0.2.1', 'qemu')
  expect(parsed.ipconfigs.size).toBe(0)
  expect(parsed.problems).toMatchObject([{ code: 'config-value-invalid', line: 2, nic: 3 }])
})

test('problems come in the order of their lines', () => {
  const text = 'ipconfig0: ip=dhcp,gw=192.0.2.1\nfoo: 1\n'
  expect(parseGuestConfig(text, 'qemu').problems.map(({ line }) => line)).toEqual([1, 2])
})

test.each([
  ['1', true],
  ['yes', true],
  ['0', false],
  ['1x', true],
  ['maybe', false],
])('a container is a template where Proxmox, comparing numbers, finds a 1: %s', (value, template) =>
  expect(parseGuestConfig(`template: ${value}`, 'lxc').template).toBe(template),
)

test('a text without inner rules loses one pair of quotes, a VM name keeps them and is invalid', () => {
  const parsed = parseGuestConfig('searchdomain: "a" "b"\nlock: "migrate"\nname: "web"', 'qemu')
  expect(parsed).toMatchObject({ searchdomain: 'a" "b', lock: 'migrate' })
  expect(parsed.name).toBeUndefined()
})

test('a file of Windows lines is read like any other', () => {
  const parsed = parseGuestConfig('name: web\r\n\r\n[snap1]\r\nname: x\r\n', 'qemu')
  expect(parsed).toMatchObject({ name: 'web', problems: [] })
})
