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
