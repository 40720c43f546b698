/** The host's own resolver settings: what Proxmox gives to guests that have none of their own. */
export interface Resolver {
  readonly nameservers: readonly string[]
  readonly search: readonly string[]
}
