import { run } from '../os/program.ts'

/**
 * Asks the kernel for the generation of its ruleset (NFT_MSG_GETGEN of nf_tables.h, netlink(7)): it grows by one with each transaction
 * that anybody makes in this network namespace, and `nft monitor` tells it with each. nft(8) itself shows it nowhere else, and Node.js has no
 * netlink. A message is its length, its type (subsystem 10, message 16; the answer's is 15), flags, a number and a process; then family, version
 * and resource; in the answer attribute 1 (NFTA_GEN_ID), in network order.
 */
export const ASK_GENERATION = String.raw`
socket(my $s, 16, 3, 12) or die "socket: $!\n";
send($s, pack('L S S L L C C n', 20, 10 << 8 | 16, 1, 1, 0, 0, 0, 0), 0) or die "send: $!\n";
alarm 2;
recv($s, my $got, 8192, 0) // die "recv: $!\n";
my ($type) = unpack('x4 S', $got);
$type == (10 << 8 | 15) or die "unexpected answer\n";
for (my $at = 20; $at + 8 <= length $got;) {
  my ($length, $name) = unpack("x$at S S", $got);
  if ($name == 1) { print unpack('x' . ($at + 4) . ' N', $got); last }
  $at += ($length + 3) & ~3 || last;
}
`

/** The generation of the kernel's nftables ruleset; `undefined` where it cannot be asked for. */
export async function readGeneration(): Promise<number | undefined> {
  const outcome = await run('perl', ['-e', ASK_GENERATION])
  return outcome.ok && /^[0-9]+$/.test(outcome.stdout) ? Number(outcome.stdout) : undefined
}
