import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type GuestType, parseVmid } from '../../src/core/guest/names.ts'
import { textOf } from '../../src/pve/config/bytes.ts'
import { toGuest } from '../../src/pve/config/guest.ts'
import { parseGuestConfig } from '../../src/pve/config/parsedConfig.ts'
import { type ParseReport, parseReport } from '../../src/pve/config/parseReport.ts'

const VMID = parseVmid('100')

const type = fc.constantFrom<GuestType>('qemu', 'lxc')

/** Parts of real files, in any order, which random bytes would never come near to. */
const part = fc.constantFrom(
  ...['net0: ', 'net1:', 'ipconfig0: ', 'name: ', 'hostname: ', 'nameserver: ', 'template: ', 'foo: ', '# '],
  ...['[PENDING]', '[snap1]', '[special:cloudinit]', '[pve:pending]', '[x]', 'lxc.idmap = ', 'description: '],
  ...['virtio', 'virtio=52:54:00:9E:CC:1E', 'name=eth0', 'bridge=vmbr0', 'tag=5', 'tag=+05', 'mtu=1400'],
  ...['ip=192.0.2.5/024', 'gw=192.0.2.1', 'ip6=2001:DB8::5/64', 'gw6=FE80::1', 'ip=dhcp', 'ip6=auto'],
  ...[
    'firewall=yes',
    'link_down=off',
    'rate=1e3',
    'trunks=5;6',
    'hwaddr=BC:24:11:00:00:01',
    '%0A',
    '"',
    '\0',
  ],
  ...[',', ',', ',', ',', '\n', '\n', '\n', '\r\n', ' ', '\u00a0', '='],
)
const config = fc.array(part, { maxLength: 40 }).map(parts => parts.join(''))

function everyPromise(text: string, type: GuestType): void {
  const parsed = parseGuestConfig(text, type)
  const lines = text.split('\n').length
  for (const { line, message } of parsed.problems) {
    expect(line).toBeGreaterThanOrEqual(1)
    expect(line).toBeLessThanOrEqual(lines)
    expect(message).not.toMatch(/[\n\r\0]/)
  }
  for (const { line } of [...parsed.nets.values(), ...parsed.ipconfigs.values(), ...parsed.notes]) {
    expect(line).toBeLessThanOrEqual(lines)
  }
  for (const index of [...parsed.nets.keys(), ...parsed.ipconfigs.keys()]) expect(index).toBeLessThan(32)
  if (VMID !== undefined) toGuest(parsed, { node: 'pve1', file: '100.conf', vmid: VMID })
}

test('any bytes are read without an exception', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), type, (bytes, type) =>
      everyPromise(textOf(Buffer.from(bytes)), type),
    ),
  )
})

test('any text is read without an exception', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 400 }), type, everyPromise))
})

test('any mixture of what real files hold is read, and every problem has a line of the file', () => {
  fc.assert(fc.property(config, type, everyPromise), { numRuns: 1000 })
})

/** A file that says what a report says, canonical values and all. */
function written({ type, name, nets, ipconfigs }: ParseReport): string {
  const lines = Object.entries({ ...nets, ...ipconfigs }).map(
    ([key, value]) => `${key}: ${Object.entries(value).map(property).join(',')}`,
  )
  if (name !== null) lines.push(`${type === 'qemu' ? 'name' : 'hostname'}: ${name}`)
  return lines.join('\n')
}

function property([key, value]: [string, unknown]): string {
  return `${key}=${typeof value === 'boolean' ? Number(value) : value}`
}

test('what was read says the same when it is written and read again', () => {
  fc.assert(
    fc.property(config, type, (text, type) => {
      const first = parseReport('100.conf', text, type)
      const again = parseReport('100.conf', written(first), type)
      expect(again.nets).toEqual(first.nets)
      expect(again.ipconfigs).toEqual(first.ipconfigs)
    }),
    { numRuns: 1000 },
  )
})

test('a line ending of Windows makes no difference', () => {
  const unix = config.map(text => text.replaceAll('\r', '')).filter(text => !/: *$/m.test(text))
  fc.assert(
    fc.property(unix, type, (text, type) => {
      const { nets, ipconfigs, problems } = parseReport('100.conf', text.replaceAll('\n', '\r\n'), type)
      const expected = parseReport('100.conf', text, type)
      expect({ nets, ipconfigs }).toEqual({ nets: expected.nets, ipconfigs: expected.ipconfigs })
      expect(problems.map(({ line, code }) => [line, code])).toEqual(
        expected.problems.map(({ line, code }) => [line, code]),
      )
    }),
  )
})
