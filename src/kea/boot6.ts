import { type BootPolicy, isHttpUrl } from './boot.ts'

/** iPXE says so in the user class, option 15 (RFC 8415, section 21.15), with or without the length of its one item. */
const IS_IPXE = "(substring(option[15].hex,0,4) == 'iPXE' or substring(option[15].hex,2,4) == 'iPXE')"

/** There is no BIOS that boots over IPv6: whoever tells its architecture, option 61 (RFC 5970, section 3.3), is a UEFI. */
const IS_UEFI = `option[61].exists and not ${IS_IPXE}`

/**
 * A UEFI that boots by HTTP says so in its vendor class, option 16: a number of four octets, a length of two, `HTTPClient:Arch:…`.
 * It takes no answer but one that says the same (UEFI Specification 2.10, section 24.7.3.1).
 */
const IS_HTTP = "substring(option[16].hex,6,10) == 'HTTPClient'"

/** The enterprise number that UEFI has in vendor classes, Intel's. */
const ENTERPRISE = 343

/**
 * Client classes of kea-dhcp6 that answer each kind of firmware (RFC 5970). Parameters are not for a UEFI that boots by TFTP: it takes
 * the first one for the size of the file (EDK2, PxeBcBoot.c), and boots nothing where that is no number.
 */
export function bootClasses6({ uefi, ipxe, nextServer6, parameters6 = [] }: BootPolicy = {}): object[] {
  const file = urlOf(uefi, nextServer6)
  const menu = urlOf(ipxe, nextServer6)
  const parameters = parameters6.length === 0 ? [] : [parameterOption(parameters6)]
  const isHttp = isHttpUrl(file)
  return [
    ...(menu === undefined ? [] : [told('boot-ipxe', IS_IPXE, urlOption(menu), ...parameters)]),
    ...(file === undefined
      ? []
      : [told('boot-uefi', IS_UEFI, urlOption(file), ...(isHttp ? parameters : []))]),
    ...(isHttp ? [told('boot-http', `${IS_UEFI} and ${IS_HTTP}`, vendorClassOption('HTTPClient'))] : []),
  ]
}

function told(name: string, test: string, ...options: readonly object[]): object {
  return { name, test, 'option-data': options }
}

/** Option 59 is a URL, so a file alone is one on `nextServer6`. `undefined`: it cannot be told by DHCPv6. */
function urlOf(file: string | undefined, server: string | undefined): string | undefined {
  if (file === undefined || file.includes('://')) return file
  return server === undefined ? undefined : `tftp://[${server}]/${file.replace(/^\/+/, '')}`
}

function urlOption(url: string): object {
  return { name: 'bootfile-url', data: url }
}

/** Option 60: each with its length (RFC 5970, section 3.2). In hexadecimal digits, since Kea would split a text at commas. */
function parameterOption(parameters: readonly string[]): object {
  const data = Buffer.concat(parameters.map(withLength)).toString('hex')
  return { name: 'bootfile-param', 'csv-format': false, data }
}

/** Option 16 (RFC 8415, section 21.16). */
function vendorClassOption(text: string): object {
  const enterprise = Buffer.alloc(4)
  enterprise.writeUInt32BE(ENTERPRISE)
  const data = Buffer.concat([enterprise, withLength(text)]).toString('hex')
  return { name: 'vendor-class', 'csv-format': false, data }
}

function withLength(text: string): Buffer {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(text.length)
  return Buffer.concat([length, Buffer.from(text, 'latin1')])
}
