import { spawn } from 'node:child_process'
import { SERVER_ADDRESS } from '../core/dhcp/slot.ts'
import { frameOf } from './probeFrame.ts'

/** `unknown`: it could not be tried. */
export type ProbeResult = 'answered' | 'silent' | 'unknown'

/** Milliseconds for each of both answers. */
const PATIENCE = 1500

/**
 * Node.js has no raw sockets, and every Debian has Perl. Sends each frame by a link, see packet(7), and waits for the
 * answer of the wanted type before the next. What comes in by a link is seen here before nftables drops it; what goes out
 * (packet type 4) is seen as well. Offsets count from the Ethernet header: 42 is the DHCP message, 282 its options.
 */
const SCRIPT = String.raw`
use strict; use warnings;
my ($link, $patience, @steps) = @ARGV;
socket(my $asking, 2, 2, 0) or exit 2;
my $request = pack('a16 x24', $link);
ioctl($asking, 0x8933, $request) or exit 2;
socket(my $socket, 17, 3, 0) or exit 2;
bind($socket, pack('S n i S C C x8', 17, 3, unpack('x16 i', $request), 1, 0, 6)) or exit 2;
while (my ($type, $frame) = splice @steps, 0, 2) {
  my $sent = pack 'H*', $frame;
  send($socket, $sent, 0) or exit 2;
  my $answered = 0;
  local $SIG{ALRM} = sub { exit 1 };
  alarm $patience;
  until ($answered) {
    my $from = recv($socket, my $got, 2048, 0) // next;
    next if unpack('x10 C', $from) == 4 or length $got < 285;
    my $is_reply = substr($got, 42, 1) eq "\2" && substr($got, 46, 4) eq substr($sent, 46, 4);
    $answered = $is_reply && substr($got, 70, 6) eq substr($sent, 70, 6) && index(substr($got, 282), "\x35\1" . chr $type) >= 0;
  }
  alarm 0;
}
`

/**
 * Has a Kea make an offer and give a lease, as to a guest, by the node's end of its link. Nothing of it leaves the node:
 * the address is guestnet's own, of the link-local kind, and leads to no port.
 */
export function probe(link: string): Promise<ProbeResult> {
  const steps = [
    ['2', frameOf('discover', SERVER_ADDRESS)],
    ['5', frameOf('request', SERVER_ADDRESS)],
  ].flat()
  return new Promise(resolve => {
    const seconds = String(Math.ceil(PATIENCE / 1000))
    const child = spawn('perl', ['-e', SCRIPT, link, seconds, ...steps], { stdio: 'ignore', timeout: 10_000 })
    child.once('error', () => resolve('unknown'))
    child.once('exit', code => resolve(code === 0 ? 'answered' : code === 1 ? 'silent' : 'unknown'))
  })
}
