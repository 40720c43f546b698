import { spawn } from 'node:child_process'
import type { Family } from '../core/values/family.ts'
import { probeSteps4 } from './probeFrame.ts'
import { probeSteps6 } from './probeFrame6.ts'

/** `unknown`: it could not be tried. */
export type ProbeResult = 'answered' | 'silent' | 'unknown'

/** Milliseconds for each of both answers. */
const PATIENCE = 1500

/**
 * Node.js has no raw sockets, and every Debian has Perl. Sends each frame by a link, see packet(7), and waits for its
 * answer before the next. What comes in by a link is seen here before nftables drops it; what goes out (packet type 4) is
 * seen as well.
 */
const SCRIPT = `
use strict; use warnings;
my ($link, $patience, @steps) = @ARGV;
socket(my $asking, 2, 2, 0) or exit 2;
my $request = pack('a16 x24', $link);
ioctl($asking, 0x8933, $request) or exit 2;
socket(my $socket, 17, 3, 0) or exit 2;
bind($socket, pack('S n i S C C x8', 17, 3, unpack('x16 i', $request), 1, 0, 6)) or exit 2;
while (my ($frame, $at, $contains) = splice @steps, 0, 3) {
  my $sent = pack 'H*', $frame;
  send($socket, $sent, 0) or exit 2;
  my $answered = 0;
  local $SIG{ALRM} = sub { exit 1 };
  alarm $patience;
  until ($answered) {
    my $from = recv($socket, my $got, 2048, 0) // next;
    next if unpack('x10 C', $from) == 4;
    my $is_other = grep { my ($offset, $hex) = split /:/; unpack('H*', substr($got, $offset, length($hex) / 2)) ne $hex } split /,/, $at;
    $answered = !$is_other && index(unpack('H*', $got), $contains) >= 0;
  }
  alarm 0;
}
`

/**
 * Has a Kea make an offer and give a lease, as to a guest, by the node's end of its link. Nothing of it leaves the node:
 * the address is guestnet's own and leads to no port.
 */
export function probe(link: string, family: Family): Promise<ProbeResult> {
  const steps = family === 'ipv4' ? probeSteps4() : probeSteps6()
  const args = steps.flatMap(({ frame, at, contains }) => [
    frame,
    at.map(each => each.join(':')).join(),
    contains,
  ])
  return new Promise(resolve => {
    const seconds = String(Math.ceil(PATIENCE / 1000))
    const child = spawn('perl', ['-e', SCRIPT, link, seconds, ...args], { stdio: 'ignore', timeout: 10_000 })
    child.once('error', () => resolve('unknown'))
    child.once('exit', code => resolve(code === 0 ? 'answered' : code === 1 ? 'silent' : 'unknown'))
  })
}
