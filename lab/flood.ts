import type { GuestPort } from './guest.ts'

/** What a flood came to. */
export interface Flooded {
  readonly frames: number
  readonly seconds: number
}

/**
 * Sends frames by a link as fast as one CPU can, in turns, for so long. packet(7) without a queue (PACKET_QDISC_BYPASS), and
 * sendmmsg(2) with many frames each time: with a system call for each, half as many leave. A header of its is 64 bytes on
 * 64-bit machines: no name, one piece, no control data.
 */
const SEND = String.raw`
use strict; use warnings; use POSIX (); use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);
my ($link, $ms) = @ARGV;
my $SYS_sendmmsg = { x86_64 => 307, aarch64 => 269 }->{ (POSIX::uname())[4] } or die "no sendmmsg on this machine\n";
chomp(my @frames = map { chomp; pack 'H*', $_ } <STDIN>);
socket(my $asking, 2, 2, 0) or die "socket: $!";
my $request = pack('a16 x24', $link);
ioctl($asking, 0x8933, $request) or die "no link $link";
socket(my $socket, 17, 3, 0) or die "socket: $!";
bind($socket, pack('S n i S C C x8', 17, 0, unpack('x16 i', $request), 1, 0, 6)) or die "bind: $!";
setsockopt($socket, 263, 20, pack('i', 1)) or die "bypass: $!";
my $count = 256;
my @pieces = map { pack('P Q', $frames[$_ % @frames], length $frames[$_ % @frames]) } 0 .. $count - 1;
my $headers = join '', map { pack('Q L x4 P Q Q Q l x4 L x4', 0, 0, $_, 1, 0, 0, 0, 0) } @pieces;
my ($sent, $begun) = (0, clock_gettime(CLOCK_MONOTONIC));
while ((clock_gettime(CLOCK_MONOTONIC) - $begun) * 1000 < $ms) {
  my $done = syscall($SYS_sendmmsg, fileno $socket, $headers, $count, 0);
  $sent += $done if $done > 0;
}
printf '{"frames":%d,"seconds":%.3f}', $sent, clock_gettime(CLOCK_MONOTONIC) - $begun;
`

/** A guest sends these frames in turns, as fast as it can. */
export async function flood(
  { guest, link }: GuestPort,
  frames: readonly Buffer[],
  milliseconds: number,
): Promise<Flooded> {
  const input = frames.map(frame => frame.toString('hex')).join('\n')
  const args = ['-e', SEND, link, String(milliseconds)]
  return JSON.parse(await guest.run('perl', args, { input, timeoutMs: milliseconds + 30_000 })) as Flooded
}
