/** The address of a guest within the page, which people can send to one another. */
export function guestLink(vmid: number): string {
  return `#guest-${vmid}`
}

/** The guest that an address within the page names. */
export function linkedGuest(hash: string): number | undefined {
  const [, vmid] = /^#guest-([1-9][0-9]{0,8})$/.exec(hash) ?? []
  return vmid === undefined ? undefined : Number(vmid)
}
