import { writeFileSync } from 'node:fs'
import { DONE, failed, type Result } from '../core/values/result.ts'
import { errorText } from '../os/errorText.ts'
import { exists, readText } from '../os/files.ts'

/** A kernel setting, sysctl(8), as its file below /proc/sys/net and what is to be in it. */
export interface Sysctl {
  readonly file: string
  readonly value: string
}

/** Where the settings of a network namespace's devices are; the kernel shows each process its own namespace's. */
const ROOT = '/proc/sys/net'

/**
 * What makes a device answer for others at once; by default an answer waits up to 0.8 s, so that the owner's comes first.
 * ip-sysctl.rst of the kernel.
 */
export function proxySysctls(family: 'ipv4' | 'ipv6', device: string): Sysctl[] {
  const conf = family === 'ipv4' ? 'proxy_arp' : 'proxy_ndp'
  return [
    { file: `${family}/neigh/${device}/proxy_delay`, value: '0' },
    { file: `${family}/conf/${device}/${conf}`, value: '1' },
  ]
}

/** What ends it. The delay is of no importance then. */
export function noProxySysctls(family: 'ipv4' | 'ipv6', device: string): Sysctl[] {
  return proxySysctls(family, device)
    .filter(({ file }) => file.includes('/conf/'))
    .map(({ file }) => ({ file, value: '0' }))
}

/** An address cannot be added to a device whose IPv6 is off. */
export function enableIpv6(device: string): Sysctl {
  return { file: `ipv6/conf/${device}/disable_ipv6`, value: '0' }
}

export function holds({ file, value }: Sysctl): boolean {
  const read = readText(`${ROOT}/${file}`)
  return read.ok && read.text.trim() === value
}

/** Whether there is such a device. */
export function isDevice(name: string): boolean {
  return exists(`${ROOT}/ipv4/conf/${name}`)
}

export function setSysctl({ file, value }: Sysctl): Result {
  try {
    writeFileSync(`${ROOT}/${file}`, value)
    return DONE
  } catch (error) {
    return failed(`cannot set ${file}: ${errorText(error)}`)
  }
}
