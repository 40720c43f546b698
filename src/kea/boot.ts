/** What network boot is answered with, per kind of firmware; all optional. */
export interface BootPolicy {
  readonly nextServer?: string | undefined
  readonly nextServer6?: string | undefined
  readonly bios?: string | undefined
  readonly uefi?: string | undefined
  readonly ipxe?: string | undefined
  readonly parameters6?: readonly string[] | undefined
}

/** iPXE says so in the user class, option 77, with or without the length octet of RFC 3004. */
const IS_IPXE = "(substring(option[77].hex,0,4) == 'iPXE' or substring(option[77].hex,1,4) == 'iPXE')"

/** RFC 4578, option 93, the client's architecture: 0 is a BIOS, everything else some UEFI. */
const IS_BIOS = 'option[93].hex == 0x0000'

/** A UEFI that boots by HTTP says so in its vendor class, option 60: `HTTPClient:Arch:…` (UEFI Specification 2.10, section 24.7.3.1). */
const IS_HTTP = "substring(option[60].hex,0,10) == 'HTTPClient'"

/** What such a firmware demands to hear from the server, as it takes no other answer. */
const FOR_HTTP = { name: 'vendor-class-identifier', data: 'HTTPClient', 'always-send': true }

/** Client classes of kea-dhcp4 that answer each kind of firmware; of the files each client is told one at most. */
export function bootClasses(boot: BootPolicy | undefined): object[] {
  if (!boot) return []
  const server = boot.nextServer === undefined ? {} : { 'next-server': boot.nextServer }
  const isUefi = `option[93].exists and not (${IS_BIOS}) and not ${IS_IPXE}`
  const kinds = [
    { name: 'boot-ipxe', test: IS_IPXE, file: boot.ipxe },
    { name: 'boot-bios', test: `${IS_BIOS} and not ${IS_IPXE}`, file: boot.bios },
    { name: 'boot-uefi', test: isUefi, file: boot.uefi },
  ]
  const files = kinds.flatMap(({ name, test, file }) =>
    file === undefined ? [] : [{ name, test, 'boot-file-name': file, ...server }],
  )
  if (!isHttpUrl(boot.uefi)) return files
  return [...files, { name: 'boot-http', test: `${isUefi} and ${IS_HTTP}`, 'option-data': [FOR_HTTP] }]
}

/** Whether a UEFI can boot a file by HTTP. */
export function isHttpUrl(file: string | undefined): boolean {
  return file !== undefined && /^https?:/.test(file)
}
