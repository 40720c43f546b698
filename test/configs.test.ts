import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseReport } from '../src/pve/config/parseReport.ts'

/**
 * Each `VMID.conf` is a corner of Proxmox's file formats, and `VMID.json` what Proxmox's own parsers make of it, in
 * the words of `guestnet parse`.
 */
const ROOT = join(import.meta.dirname, 'fixtures/configs')

describe.each(['qemu-server', 'lxc'])('%s', folder => {
  const files = readdirSync(join(ROOT, folder)).filter(name => name.endsWith('.conf'))

  test.each(files)('%s is read as Proxmox reads it', name => {
    const file = join(ROOT, folder, name)
    const expected = JSON.parse(readFileSync(file.replace(/\.conf$/, '.json'), 'utf8'))
    const report = JSON.parse(JSON.stringify(parseReport(file, readFileSync(file, 'utf8'))))
    expect(report).toEqual(expected)
  })
})
