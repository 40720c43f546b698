import { readText } from '../os/files.ts'
import { run } from '../os/program.ts'

/**
 * Sends frames by a link and tells what comes in by it, packet(7): what others on the way, nftables among them, do with
 * it comes later. Node.js has no raw sockets, and every Debian has Perl (perl-base). Arguments: the link's index,
 * hundredths of a second, what an answer contains that ends the wait, and the frames.
 */
const PERL = String.raw`
use strict; use warnings;
my ($index, $patience, $enough, @frames) = @ARGV;
socket(my $s, 17, 3, 0) or die "socket: $!\n";
bind($s, pack('S n i S C C x8', 17, 3, $index, 1, 0, 6)) or die "bind: $!\n";
syswrite($s, pack('H*', $_)) or die "send: $!\n" for @frames;
my $end = time + 2 + $patience / 100;
while ($patience > 0 && time < $end) {
  my $ready = ''; vec($ready, fileno($s), 1) = 1;
  if (select($ready, undef, undef, 0.05) < 1) { $patience -= 5; next }
  sysread($s, my $got, 2048) or next;
  my $hex = unpack('H*', $got);
  print "$hex\n";
  last if $enough ne '' && index($hex, $enough) >= 0;
}
`

export interface Question {
  readonly link: string
  /** Hexadecimal. */
  readonly frames: readonly string[]
  /** Milliseconds of silence after which nobody answers any more. */
  readonly patience: number
  /** What the one answer contains; absent: there may be several, so all the time is waited. */
  readonly enough?: string
}

/** The frames that came in after these were sent, hexadecimal; or why they could not be sent. */
export async function askOnWire({
  link,
  frames,
  patience,
  enough = '',
}: Question): Promise<{ frames: readonly string[] } | { failure: string }> {
  const index = readText(`/sys/class/net/${link}/ifindex`)
  if (!index.ok) return { failure: `there is no link ${link}` }
  const args = ['-e', PERL, index.text.trim(), String(Math.ceil(patience / 10)), enough, ...frames]
  const outcome = await run('perl', args)
  if (outcome.ok) return { frames: outcome.stdout.split('\n').filter(line => line !== '') }
  return { failure: outcome.missing ? outcome.reason : outcome.stderr.trim() || outcome.reason }
}
