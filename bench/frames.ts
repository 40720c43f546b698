import type { Namespace } from '../lab/namespace.ts'

export interface Frame {
  readonly toMac: string
  /** Somebody's, if not said. */
  readonly fromMac?: string
  readonly from: string
  readonly to: string
}

/** Frames that all leave by one link. */
export interface Stream {
  readonly link: string
  readonly frames: readonly Frame[]
}

export interface Sending {
  readonly streams: readonly Stream[]
  /** How often each stream has its turn. */
  readonly rounds: number
  /** Frames in a turn. */
  readonly turn: number
}

/**
 * Sends streams of frames in turns, so that what disturbs the machine disturbs all of them; the nanoseconds of CPU that
 * a frame cost, of each turn of each stream. All is done on one CPU, where the kernel also handles what comes out of a
 * veth pair's other end, in the sender's time or in that of `ksoftirqd`, which is added: a turn includes what happens to
 * its frames wherever they go, and nothing of what else the machine does.
 */
export async function sendInTurns(where: Namespace, { streams, rounds, turn }: Sending): Promise<number[][]> {
  const input = streams.flatMap(({ link, frames }) => [
    link,
    ...frames.map(frame => frameOf(frame).toString('hex')),
  ])
  const args = ['-c', '0', 'perl', '-e', SEND, String(rounds), String(turn)]
  return JSON.parse(
    await where.run('taskset', args, { input: input.join('\n'), timeoutMs: 300_000 }),
  ) as number[][]
}

/**
 * packet(7), with protocol 0: what comes in is of no interest. The kernel refuses a frame while too many wait for
 * `ksoftirqd`; the pause after a turn lets it finish. Its own time is the first number of its schedstat, see proc(5).
 */
const SEND = `
use strict; use warnings; use Time::HiRes qw(clock_gettime sleep CLOCK_THREAD_CPUTIME_ID);
my ($rounds, $size) = @ARGV; my @streams;
sub read_line { open(my $file, '<', $_[0]) or return ''; return <$file> // '' }
my ($ksoftirqd) = grep { read_line("$_/comm") =~ m{^ksoftirqd/0$} } glob '/proc/[0-9]*';
sub spent {
  my ($deferred) = split ' ', read_line("$ksoftirqd/schedstat");
  return clock_gettime(CLOCK_THREAD_CPUTIME_ID) * 1e9 + $deferred;
}
sub opened {
  my ($link) = @_;
  socket(my $asking, 2, 2, 0) or die "socket: $!";
  my $request = pack('a16 x24', $link);
  ioctl($asking, 0x8933, $request) or die "no link $link";
  socket(my $socket, 17, 3, 0) or die "socket: $!";
  bind($socket, pack('S n i S C C x8', 17, 0, unpack('x16 i', $request), 1, 0, 6)) or die "bind: $!";
  return { socket => $socket, frames => [], each => [] };
}
while (my $line = <STDIN>) {
  chomp $line;
  if ($line =~ /^[0-9a-f]{120}$/) { push @{$streams[-1]{frames}}, pack 'H*', $line }
  else { push @streams, opened($line) }
}
for (1 .. $rounds) {
  for my $stream (@streams) {
    my ($socket, @frames) = ($stream->{socket}, @{$stream->{frames}});
    my $begun = spent();
    for my $number (1 .. $size) {
      sleep 0.001 until send($socket, $frames[$number % @frames], 0) or not $!{ENOBUFS};
    }
    sleep 0.005;
    push @{$stream->{each}}, (spent() - $begun) / $size;
  }
}
print '[', join(',', map { '[' . join(',', map { sprintf '%.0f', $_ } @{$_->{each}}) . ']' } @streams), ']';
`

/** The shortest Ethernet frame, with an IPv4 UDP datagram to the discard port. */
function frameOf({ toMac, fromMac = '02:00:00:00:00:fe', from, to }: Frame): Buffer {
  const frame = Buffer.alloc(60)
  Buffer.from(`${toMac}${fromMac}0800`.replaceAll(':', ''), 'hex').copy(frame)
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
