import { describe, expect, test } from 'vitest'
import { bootClasses } from './boot.ts'

interface BootClass {
  readonly name: string
  readonly test: string
}

const boot = (policy: Parameters<typeof bootClasses>[0]) => bootClasses(policy) as BootClass[]

test('without boot files there are no classes', () => {
  expect(boot(undefined)).toEqual([])
  expect(boot({ nextServer: '192.0.2.9' })).toEqual([])
})

describe('each kind of firmware is told its own file and the server', () => {
  const policy = {
    nextServer: '192.0.2.9',
    bios: 'undionly.kpxe',
    uefi: 'ipxe.efi',
    ipxe: 'http://boot/menu',
  }

  test.each([
    ['boot-bios', 'undionly.kpxe'],
    ['boot-uefi', 'ipxe.efi'],
    ['boot-ipxe', 'http://boot/menu'],
  ])('%s: %s', (name, file) => {
    const found = boot(policy).find(each => each.name === name)
    expect(found).toMatchObject({ 'boot-file-name': file, 'next-server': '192.0.2.9' })
  })

  test('iPXE is not taken for the firmware it was started by, or it would be started again and again', () => {
    for (const { name, test: condition } of boot(policy)) {
      if (name !== 'boot-ipxe') expect(condition).toMatch(/ and not \(substring\(option\[77\]/)
    }
  })
})

test('a file alone is told without a server', () => {
  expect(boot({ ipxe: 'http://boot/menu' })).toEqual([
    { name: 'boot-ipxe', test: expect.any(String), 'boot-file-name': 'http://boot/menu' },
  ])
})

test('a firmware that boots by HTTP is told that this is for it, and no other one is', () => {
  const classOf = (uefi: string) => boot({ uefi }).find(({ name }) => name === 'boot-http')
  expect(classOf('http://boot/grub.efi')).toMatchObject({
    test: expect.stringContaining("== 'HTTPClient'"),
    'option-data': [{ name: 'vendor-class-identifier', data: 'HTTPClient' }],
  })
  expect(classOf('grub.efi')).toBeUndefined()
})
