import { parseAddress, parseIpv6 } from '../../core/values/address.ts'
import { parseMac } from '../../core/values/mac.ts'
import { BLANK_BYTES } from './bytes.ts'
import { isBlank } from './lines.ts'
import { type Scalar, scalar } from './scalar.ts'

/** Dot-separated labels of letters, digits and inner hyphens (RFC 1123, section 2.1), of any length. */
function isDnsName(text: string): boolean {
  return text.split('.').every(label => /^[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?$/.test(label))
}

/**
 * Entries between blanks, commas and semicolons, or between NULs where there is one (pve-common, `split_list`; before
 * pve-common 9.1.17 the bytes 0x85 and 0xA0 were no blanks there).
 */
function entriesOf(list: string): string[] {
  const entries = list.includes('\0')
    ? list.split('\0')
    : list
        .replace(BLANK_BYTES, ' ')
        .replace(/^[ \t\v\f\r,;]+/, '')
        .split(/[ \t\v\f\r,;]+/)
  while (entries.at(-1) === '') entries.pop()
  return entries
}

function listOf(expected: string, accepts: (entry: string) => boolean): Scalar {
  return scalar(expected, list => entriesOf(list).every(accepts))
}

/** A container's nameserver may name the interface that leads to a link-local one: `fe80::1%eth0`. */
function isAddressOrLinkLocal(text: string): boolean {
  const [, address, iface] = /^(fe80:[^%]+)%(.*)$/.exec(text) ?? []
  if (address === undefined || iface === undefined) return parseAddress(text) !== undefined
  return parseIpv6(address) !== undefined && /^[a-z][a-z0-9_]{1,20}(?:[:.][0-9]+)?$/i.test(iface)
}

const VOLUME_ID = /^[a-z][a-z0-9\-_.]*[a-z0-9]:[^\n]+$/i

export const DNS_NAME = scalar('a DNS name', isDnsName)
export const DNS_NAME_LIST = listOf('a list of DNS names', isDnsName)
export const ADDRESS_LIST = listOf(
  'a list of addresses or DNS names',
  // Proxmox takes the name `0` for no name at all, but only where an address would do as well.
  entry => parseAddress(entry) !== undefined || (isDnsName(entry) && entry !== '0'),
)
export const LXC_ADDRESS_LIST = listOf('a list of addresses', isAddressOrLinkLocal)
export const TAG_LIST = listOf('a list of tags', entry => /^[a-z0-9_][a-z0-9_\-+.]*$/i.test(entry))
export const MAC = scalar(
  'a unicast MAC address of six hex pairs between colons',
  text => parseMac(text) !== undefined,
)
export const BRIDGE = scalar('a name of letters, digits, "-", "_" and "."', /^[-_.A-Za-z0-9]+$/)
export const VOLUME = scalar('a volume as in "local:snippets/file"', VOLUME_ID)
export const SNAPSHOT_NAME = scalar('the name of a snapshot', /^[a-z][a-z0-9_-]+$/i)
export const STORAGE = scalar('the name of a storage', /^[a-z][a-z0-9\-_.]*[a-z0-9]$/i)
export const STARTUP = scalar(
  'an order as in "order=1,up=30,down=60"',
  // Proxmox takes a lone 0 for no value at all.
  text =>
    text !== '0' &&
    text.split(',').every(part => isBlank(part) || /^(?:(?:order|up|down)=)?[0-9]+$/.test(part)),
)
const HOTPLUG_ENTRIES = ['network', 'disk', 'cpu', 'memory', 'usb', 'cloudinit']
export const HOTPLUG = scalar(
  `0, 1 or a list of ${HOTPLUG_ENTRIES.join(', ')}`,
  text => /^[01]$/.test(text) || entriesOf(text).every(entry => HOTPLUG_ENTRIES.includes(entry)),
)
export const URL_ENCODED = scalar('percent-encoded text', /^[-%a-zA-Z0-9_.!~*'()]*$/)
