/** Adds a community, standard or large, to a route in a filter of BIRD's (BIRD User's Guide, "Filters"). */
export function renderCommunity(community: string): string {
  const parts = community.split(':')
  const attribute = parts.length === 2 ? 'bgp_community' : 'bgp_large_community'
  return `${attribute}.add((${parts.join(', ')}));`
}
