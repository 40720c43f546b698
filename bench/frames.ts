import type { Namespace } from '../lab/namespace.ts'

export interface Frame {
  readonly toMac: string
  readonly from: string
  readonly to: string
}

/** Frames in a burst: few enough that the kernel does not put their handling off (ksoftirqd) to a time of its own. */
export const BURST = 100

/**
 * Sends bursts of frames out of a link; the nanoseconds a frame took, median of the bursts. What the kernel does with a
 * frame behind a veth pair is done before the call returns, and so included, unless the machine is too busy for it.
 */
export async function nanosecondsEach(
  where: Namespace,
  link: string,
  { frames, bursts }: { frames: readonly Frame[]; bursts: number },
): Promise<number> {
  const input = frames.map(frame => frameOf(frame).toString('hex')).join('\n')
  return Number(await where.run('perl', ['-e', SEND, link, String(bursts), String(BURST)], { input }))
}

/** packet(7); protocol 0: what comes in is of no interest. */
const SEND = String.raw`
use strict; use warnings; use Time::HiRes qw(clock_gettime sleep CLOCK_MONOTONIC);
my ($link, $bursts, $size) = @ARGV;
my @frames = map { chomp; pack 'H*', $_ } <STDIN>;
socket(my $asking, 2, 2, 0) or die "socket: $!";
my $request = pack('a16 x24', $link);
ioctl($asking, 0x8933, $request) or die "no link $link";
socket(my $socket, 17, 3, 0) or die "socket: $!";
bind($socket, pack('S n i S C C x8', 17, 0, unpack('x16 i', $request), 1, 0, 6)) or die "bind: $!";
my @each;
for (1 .. $bursts) {
  my ($begun, $refused) = (clock_gettime(CLOCK_MONOTONIC), 0);
  for my $number (1 .. $size) { send($socket, $frames[$number % @frames], 0) or $refused = 1 }
  push @each, (clock_gettime(CLOCK_MONOTONIC) - $begun) * 1e9 / $size unless $refused;
  sleep 0.002;
}
printf "%.0f\n", (sort { $a <=> $b } @each)[@each / 2];
`

/** The shortest Ethernet frame, with an IPv4 UDP datagram to the discard port. */
function frameOf({ toMac, from, to }: Frame): Buffer {
  const frame = Buffer.alloc(60)
  Buffer.from(`${toMac.replaceAll(':', '')}0200000000fe0800`, 'hex').copy(frame)
  const header = frame.subarray(14, 34)
  header.writeUInt16BE(0x4500, 0)
  header.writeUInt16BE(46, 2)
  header.writeUInt16BE(0x4011, 8)
  Buffer.from([...from.split('.'), ...to.split('.')].map(Number)).copy(header, 12)
  header.writeUInt16BE(checksumOf(header), 10)
  for (const offset of [34, 36]) frame.writeUInt16BE(9, offset)
  frame.writeUInt16BE(26, 38)
  return frame
}

/** RFC 1071. */
function checksumOf(header: Buffer): number {
  let sum = 0
  for (let offset = 0; offset < header.length; offset += 2) sum += header.readUInt16BE(offset)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return ~sum & 0xffff
}
