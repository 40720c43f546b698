import { OWN_FUNCTION } from '../core/announcing/ownCommunities.ts'

/** For a router's BIRD from 2.0.11 on, which knows loops in filters (BIRD's NEWS). */
export function renderBirdRouter(asNumbers: readonly number[]): string {
  const ours = asNumbers.map(as => `(${as}, ${OWN_FUNCTION.arrival}, *)`).join(', ')
  return `# For the routers of a fabric, BIRD from 2.0.11 on. Each announcement of guestnet's says in a large community when the guest arrived
# at the node that it comes from, in Unix seconds. The later arrival gets the higher local preference, before the length of the path
# counts: so also the leaf switch of the node that the guest left sends its traffic on. Ways of one node stay equally good.
function guestnet_arrival() {
  int latest = 0;
  for lc told in bgp_large_community do
    if told ~ [${ours}] && told.data2 > latest then latest = told.data2;
  if latest > 0 then bgp_local_pref = latest;
}
# In every BGP session that guests' addresses come in by, those between routers included:
#   import filter { guestnet_arrival(); accept; };
# What comes from outside the fabric must not say so: bgp_large_community.delete([${ours}]);
`
}
