import type { Guest } from '../guest/guest.ts'
import type { Vmid } from '../guest/names.ts'
import type { LocatedNotes } from '../guest/notes.ts'
import type { AnnouncePolicy } from '../policy/announce.ts'
import type { Problem } from '../problem/problem.ts'
import type { Community } from '../values/community.ts'
import { isOwnCommunity } from './ownCommunities.ts'

interface Input {
  readonly policy: Pick<AnnouncePolicy, 'notes'>
  readonly notesOf: (vmid: Vmid) => LocatedNotes
  /** Those of the cluster's nodes; absent: BGP is not guestnet's. */
  readonly asNumbers?: readonly number[] | undefined
}

/** What a guest's Notes add to its announcements, where they are trusted. */
export function communitiesOf(
  vmid: Vmid,
  { policy, notesOf, asNumbers }: Input,
): { allowed: Community[]; refused: Community[] } {
  const noted = policy.notes === 'trusted' ? notesOf(vmid).communities : []
  if (!asNumbers) return { allowed: [], refused: noted }
  const isOwn = (community: Community) => isOwnCommunity(community, asNumbers)
  return { allowed: noted.filter(community => !isOwn(community)), refused: noted.filter(isOwn) }
}

const OWN = 'by those guestnet itself tells routers which guest it is, and since when it is where'
const NOT_OURS = "BGP is not guestnet's here (`bgp` in the policy), and the kernel's table has no communities"

export function refusedCommunities({ vmid, file }: Guest, input: Input): Problem[] {
  const { lines } = input.notesOf(vmid)
  return communitiesOf(vmid, input).refused.map(community => ({
    code: 'community-refused',
    message: `The Notes of guest ${vmid} ask for the community ${community}, which is not announced: ${input.asNumbers ? OWN : NOT_OURS}.`,
    remedy: 'Remove it from the Notes.',
    file,
    ...(lines.communities !== undefined && { line: lines.communities }),
    vmid,
  }))
}
