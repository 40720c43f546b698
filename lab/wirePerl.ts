/**
 * Node.js has no raw sockets, and every Debian has Perl. One such process serves any number of links in any number of
 * network namespaces: a socket stays in the namespace it was made in. Lines in: `open ID NETNS LINK KIND`,
 * `send ID HEXFRAME`, `close ID`. Lines out: `opened ID`, `failed ID WHY`, `frame ID NANOSECONDS HEXFRAME` with the
 * monotonic clock at reception; only untagged frames of that kind are passed on: with a DHCP message of a family, `ipv4` or
 * `ipv6`, or `router` advertisements.
 */
export const WIRE_PERL = String.raw`
use strict; use warnings;
use IO::Select; use POSIX (); use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);

my ($AF_INET, $SOCK_DGRAM, $AF_PACKET, $SOCK_RAW) = (2, 2, 17, 3);
my ($ETH_P_IP, $ETH_P_IPV6, $SIOCGIFINDEX, $CLONE_NEWNET) = (0x0800, 0x86dd, 0x8933, 0x40000000);
my $SYS_setns = { x86_64 => 308, aarch64 => 268 }->{ (POSIX::uname())[4] } or die "no setns on this machine\n";
open(my $home, '<', '/proc/self/ns/net') or die $!;
my ($select, %socket_of, %id_of, %kind_of, $rest) = (IO::Select->new(\*STDIN));
$rest = '';
$| = 1;

sub enter { syscall($SYS_setns, fileno($_[0]), $CLONE_NEWNET) == 0 or die "setns: $!\n" }

sub open_link {
  my ($id, $netns, $link, $kind) = @_;
  open(my $file, '<', "/run/netns/$netns") or die "no namespace $netns\n";
  enter($file);
  my $made = eval {
    # asked with a socket of another kind: the kernel takes milliseconds to close a raw one
    socket(my $asking, $AF_INET, $SOCK_DGRAM, 0) or die "socket: $!\n";
    my $request = pack('a16 x24', $link);
    ioctl($asking, $SIOCGIFINDEX, $request) or die "no link $link\n";
    # without a protocol until it is bound: it takes milliseconds, too, to change a socket that already listens
    socket(my $socket, $AF_PACKET, $SOCK_RAW, 0) or die "socket: $!\n";
    bind($socket, pack('S n i S C C x8', $AF_PACKET, $kind eq 'ipv4' ? $ETH_P_IP : $ETH_P_IPV6, unpack('x16 i', $request), 1, 0, 6)) or die "bind: $!\n";
    $socket;
  };
  my $why = $@;
  enter($home);
  die $why unless $made;
  $socket_of{$id} = $made; $id_of{fileno $made} = $id; $kind_of{$id} = $kind;
  $select->add($made);
}

sub obey {
  my ($verb, $id, @rest) = split ' ', $_[0];
  if ($verb eq 'send') { my $s = $socket_of{$id}; send($s, pack('H*', $rest[0]), 0) if $s }
  elsif ($verb eq 'open') { print eval { open_link($id, @rest); 1 } ? "opened $id\n" : "failed $id $@" }
  elsif ($verb eq 'close') { my $s = delete $socket_of{$id}; if ($s) { $select->remove($s); delete $id_of{fileno $s}; close $s } }
}

sub is_dhcp6 {
  my ($protocol, $port) = unpack('x20 C x35 n', $_[0]);
  return $protocol == 17 && ($port == 546 || $port == 547);
}

# RFC 4861, section 4.2
sub is_router { my ($next, $type) = unpack('x20 C x33 C', $_[0]); return $next == 58 && $type == 134 }

sub is_dhcp {
  my ($type, $ihl, $protocol) = unpack('x12 n C x8 C', $_[0]);
  return is_dhcp6($_[0]) if $type == $ETH_P_IPV6;
  return 0 unless $type == $ETH_P_IP && $protocol == 17;
  my $port = unpack('x' . (14 + 4 * ($ihl & 15) + 2) . ' n', $_[0]);
  return $port == 67 || $port == 68;
}

while (1) {
  for my $ready ($select->can_read) {
    if ($ready == \*STDIN) {
      sysread(STDIN, $rest, 65536, length $rest) or exit;
      obey($1) while $rest =~ s/^([^\n]*)\n//;
      next;
    }
    my $id = $id_of{fileno($ready) // -1} // next;
    defined recv($ready, my $frame, 65535, 0) or next;
    next unless length $frame >= 62 or length $frame >= 42 && unpack('x12 n', $frame) == $ETH_P_IP;
    next unless $kind_of{$id} eq 'router' ? is_router($frame) : is_dhcp($frame);
    printf "frame %s %d %s\n", $id, clock_gettime(CLOCK_MONOTONIC) * 1e9, unpack('H*', $frame);
  }
}
`
