/**
 * What answers router solicitations. Every Debian has Perl (perl-base), and Node.js has no raw sockets; of the daemons that
 * could, each says the same to everybody on a link (docs/decisions/0014). Arguments: the link, the table, the control socket.
 *
 * - It runs in a network namespace of its own, in which there is nothing but that link, as an unprivileged user who may open
 *   raw sockets there and nothing else. It decides nothing: whom it does not find in the table gets no answer.
 * - The table is read anew when it changes, which is looked for once a second and with each solicitation, so nobody has to
 *   signal. Whoever is told something else than before is told at once; what no longer holds is told first, with no lifetime.
 * - Everything goes to the guest's own hardware address, also where the IPv6 destination is all nodes (RFC 6085).
 * - It ends when its link does, which is when the node's end goes.
 */
export const PROGRAM = String.raw`use strict; use warnings;
use IO::Select; use IO::Socket::UNIX; use Time::HiRes 'time';

my ($link, $table, $control) = @ARGV;
my ($shortest, $longest) = (450, 600);
my $all_nodes = pack 'H*', 'ff020000000000000000000000000001';
my $nobody = "\0" x 16;

socket(my $packets, 17, 3, 0) or die "socket: $!\n";
defined(my $index = index_of_link()) or die "there is no link $link\n";
bind($packets, pack 'S n i S C C x8', 17, 0x86dd, $index, 1, 0, 6) or die "bind: $!\n";
my $own = substr getsockname($packets), 12, 6;
my $listener = IO::Socket::UNIX->new(Type => SOCK_STREAM, Local => $control, Listen => 16) or die "listen: $!\n";

my ($revision, $mark, %told) = ('-', '');
my $inputs = IO::Select->new($packets, $listener);
my $look = 0;
while (1) {
  for my $ready ($inputs->can_read(1)) { $ready == $listener ? tell_state() : answer() }
  next if time < $look;
  $look = time + 1;
  load();
  for my $mac (keys %told) { advertise($mac, $all_nodes) if $told{$mac}{due} <= time }
}

sub index_of_link {
  my $request = pack 'a16 x24', $link;
  return ioctl($packets, 0x8933, $request) ? unpack('x16 i', $request) : undef;
}

sub tell_state {
  my $client = $listener->accept or return;
  load();
  $client->send("$$ $revision\n");
}

# RFC 4861, section 6.1.1: sent on this very link (255 hops), by a link-local address or none.
sub answer {
  my $came = recv $packets, my $frame, 2048, 0;
  die "the link $link is gone\n" unless defined $came || defined index_of_link();
  return if !defined $came || length $frame < 62;
  my ($mac, $next, $hops, $from, $type) = unpack 'x6 a6 x8 C C a16 x16 C', $frame;
  return if $next != 58 || $hops != 255 || $type != 133;
  my $is_link_local = (unpack('n', $from) & 0xffc0) == 0xfe80;
  return unless $is_link_local || $from eq $nobody;
  load();
  advertise($mac, $is_link_local ? $from : $all_nodes, 'asked') if $told{$mac};
}

sub load {
  my $seen = join ' ', map { $_ // '' } (stat $table)[0, 1, 7, 9];
  return if $seen eq $mark;
  open my $file, '<', $table or return;
  my ($head, @lines) = <$file>;
  return unless defined $head && $head =~ /^# (\w+)/;
  ($revision, $mark) = ($1, $seen);
  my %former = %told;
  %told = ();
  for (@lines) {
    my ($mac, $source, $message) = map { pack 'H*', $_ } (split ' ')[0 .. 2];
    my $was = $former{$mac};
    my $is_same = $was && $was->{source} eq $source && $was->{message} eq $message;
    $told{$mac} = $is_same ? $was : { source => $source, message => $message, due => time + 1 };
    next if $is_same || !$was;
    transmit($mac, $was->{source}, $all_nodes, void($was->{message}, $was->{source} ne $source));
    advertise($mac, $all_nodes);
  }
}

# The next one is due after about ten minutes (MaxRtrAdvInterval), never the same time for all.
sub advertise {
  my ($mac, $to, $was_asked) = @_;
  my $it = $told{$mac};
  transmit($mac, $it->{source}, $to, $it->{message});
  $it->{due} = time + $shortest + rand($longest - $shortest) unless $was_asked;
}

# The same without a lifetime: of prefixes, of name servers and search domains, and of the router if it is another one.
sub void {
  my ($message, $router) = @_;
  substr($message, 6, 2) = "\0\0" if $router;
  for (my $at = 16; $at + 8 <= length $message;) {
    my ($type, $units) = unpack 'C C', substr $message, $at;
    last unless $units;
    substr($message, $at + 4, 4) = "\0" x 4 if $type == 3 || $type == 25 || $type == 31;
    substr($message, $at + 8, 4) = "\0" x 4 if $type == 3;
    $at += 8 * $units;
  }
  return $message;
}

sub transmit {
  my ($mac, $source, $to, $message) = @_;
  my $sum = 0;
  $sum += $_ for unpack 'n*', $source . $to . pack('N N', length $message, 58) . $message;
  $sum = ($sum & 0xffff) + ($sum >> 16) while $sum >> 16;
  substr($message, 2, 2) = pack 'n', ~$sum & 0xffff;
  my $header = pack 'N n C C', 6 << 28, length $message, 58, 255;
  send $packets, $mac . $own . "\x86\xdd" . $header . $source . $to . $message, 0;
}
`
