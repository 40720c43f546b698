import { describe, expect, test } from 'vitest'
import { bootClasses6 } from './boot6.ts'

interface BootClass {
  readonly name: string
  readonly test: string
  readonly 'option-data': readonly { readonly name: string; readonly data: string }[]
}

const boot = (policy: Parameters<typeof bootClasses6>[0]) => bootClasses6(policy) as BootClass[]
const urls = (policy: Parameters<typeof bootClasses6>[0]) =>
  boot(policy).flatMap(({ name, 'option-data': options }) =>
    options.flatMap(option => (option.name === 'bootfile-url' ? [[name, option.data]] : [])),
  )

describe('a guest is told a URL', () => {
  test('as it is written', () => {
    expect(urls({ ipxe: 'http://boot/menu', uefi: 'http://[2001:db8::9]/ipxe.efi' })).toEqual([
      ['boot-ipxe', 'http://boot/menu'],
      ['boot-uefi', 'http://[2001:db8::9]/ipxe.efi'],
    ])
  })

  test('of a file on the server that has an IPv6 address', () => {
    expect(urls({ uefi: '/ipxe.efi', nextServer6: '2001:db8::9' })).toEqual([
      ['boot-uefi', 'tftp://[2001:db8::9]/ipxe.efi'],
    ])
  })

  test.each([
    [undefined],
    [{ uefi: 'ipxe.efi', nextServer: '192.0.2.9' }],
    [{ bios: 'http://boot/undionly.kpxe' }],
    [{ parameters6: ['quiet'] }],
  ])('and nothing where there is none: %j', policy => expect(boot(policy)).toEqual([]))
})

test('parameters go along, each with its length', () => {
  const [told] = boot({ ipxe: 'http://boot/menu', parameters6: ['a,b', 'quiet'] })
  expect(told?.['option-data'][1]).toEqual({
    name: 'bootfile-param',
    'csv-format': false,
    data: '0003612c6200057175696574',
  })
})

test.each([
  ['http://boot/grub.efi', ['bootfile-url', 'bootfile-param']],
  ['tftp://[2001:db8::9]/grub.efi', ['bootfile-url']],
])(
  'a UEFI is told parameters if it boots by HTTP, as by TFTP it would not boot with them: %s',
  (uefi, names) => {
    const [told] = boot({ uefi, parameters6: ['quiet'] })
    expect(told?.['option-data'].map(({ name }) => name)).toEqual(names)
  },
)

test('a firmware that boots by HTTP is told that this is for it, and no other one is', () => {
  const classOf = (uefi: string) =>
    boot({ uefi, nextServer6: '2001:db8::9' }).find(({ name }) => name === 'boot-http')
  expect(classOf('http://boot/grub.efi')).toMatchObject({
    test: expect.stringContaining("== 'HTTPClient'"),
    'option-data': [{ name: 'vendor-class', data: '00000157000a48545450436c69656e74' }],
  })
  expect(classOf('grub.efi')).toBeUndefined()
})
