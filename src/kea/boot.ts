/** What network boot is answered with, per kind of firmware; all optional. */
export interface BootPolicy {
  readonly nextServer?: string | undefined
  readonly nextServer6?: string | undefined
  readonly bios?: string | undefined
  readonly uefi?: string | undefined
  readonly ipxe?: string | undefined
}

/** iPXE says so in the user class, option 77, with or without the length octet of RFC 3004. */
const IS_IPXE = "(substring(option[77].hex,0,4) == 'iPXE' or substring(option[77].hex,1,4) == 'iPXE')"

/** RFC 4578, option 93, the client's architecture: 0 is a BIOS, everything else some UEFI. */
const IS_BIOS = 'option[93].hex == 0x0000'

/** Client classes of Kea that answer each kind of firmware; each client is in one of them at most. */
export function bootClasses(boot: BootPolicy | undefined): object[] {
  if (!boot) return []
  const server = boot.nextServer === undefined ? {} : { 'next-server': boot.nextServer }
  const kinds = [
    { name: 'boot-ipxe', test: IS_IPXE, file: boot.ipxe },
    { name: 'boot-bios', test: `${IS_BIOS} and not ${IS_IPXE}`, file: boot.bios },
    { name: 'boot-uefi', test: `option[93].exists and not (${IS_BIOS}) and not ${IS_IPXE}`, file: boot.uefi },
  ]
  return kinds.flatMap(({ name, test, file }) =>
    file === undefined ? [] : [{ name, test, 'boot-file-name': file, ...server }],
  )
}

/** iPXE says so in the user class, option 15 (RFC 8415, section 21.15), with or without the length of its one item. */
const IS_IPXE6 = "(substring(option[15].hex,0,4) == 'iPXE' or substring(option[15].hex,2,4) == 'iPXE')"

/**
 * The same for DHCPv6 (RFC 5970): option 59 is a URL, so a file alone is one on `nextServer6`. There is no BIOS that boots over
 * IPv6; whoever tells its architecture, option 61, is a UEFI.
 */
export function bootClasses6({ uefi, ipxe, nextServer6 }: BootPolicy = {}): object[] {
  const kinds = [
    { name: 'boot-ipxe', test: IS_IPXE6, url: urlOf(ipxe, nextServer6) },
    { name: 'boot-uefi', test: `option[61].exists and not ${IS_IPXE6}`, url: urlOf(uefi, nextServer6) },
  ]
  return kinds.flatMap(({ name, test, url }) =>
    url === undefined ? [] : [{ name, test, 'option-data': [{ name: 'bootfile-url', data: url }] }],
  )
}

/** `undefined`: the file cannot be told by DHCPv6. */
function urlOf(file: string | undefined, server: string | undefined): string | undefined {
  if (file === undefined || file.includes('://')) return file
  return server === undefined ? undefined : `tftp://[${server}]/${file.replace(/^\/+/, '')}`
}
