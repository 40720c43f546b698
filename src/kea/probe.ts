import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Family } from '../core/values/family.ts'
import { probeSteps4 } from './probeFrame.ts'
import { probeSteps6 } from './probeFrame6.ts'

/** `unknown`: it could not be tried. */
export type ProbeResult = 'answered' | 'silent' | 'unknown'

/** Milliseconds for each of both answers. */
const PATIENCE = 1500

/** Milliseconds in which others may be asked for as well: the start of a program is most of what an exchange costs. */
const TOGETHER_MS = 20

/**
 * Node.js has no raw sockets, and every Debian has Perl. An argument is an exchange, its parts between tabs; each is a process of its own, and of
 * each the exit status is printed. Sends each frame by a link, see packet(7), and waits for its
 * answer before the next. What comes in by a link is seen here before nftables drops it; what goes out (packet type 4) is
 * seen as well.
 */
const SCRIPT = `
use strict; use warnings;
sub exchange {
  my ($link, $patience, @steps) = @_;
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
  exit 0;
}
my @asked = map { my $pid = fork // exit 2; $pid or exchange(split /\\t/, $_, -1); $pid } @ARGV;
print join(' ', map { waitpid($_, 0); $? >> 8 } @asked), "\\n";
`

/** An exchange that somebody waits for. */
interface Awaited {
  readonly link: string
  readonly family: Family
  readonly resolve: (result: ProbeResult) => void
}

/** Has Keas make exchanges; those that are asked for at about the same time are made by one program. */
export class Prober {
  readonly #run: (exchanges: readonly string[]) => Promise<string>
  #awaited: Awaited[] = []

  /** `run` makes exchanges, and tells how each ended. */
  constructor(run = runScript) {
    this.#run = run
  }

  /**
   * Has a Kea make an offer and give a lease, as to a guest, by the node's end of its link. Nothing of it leaves the node:
   * the address is guestnet's own and leads to no port.
   */
  probe = (link: string, family: Family): Promise<ProbeResult> =>
    new Promise(resolve => {
      this.#awaited.push({ link, family, resolve })
      if (this.#awaited.length === 1) setTimeout(() => void this.#askAll(), TOGETHER_MS)
    })

  async #askAll(): Promise<void> {
    const awaited = this.#awaited
    this.#awaited = []
    const told = await this.#run(awaited.map(exchangeOf)).catch(() => '')
    const statuses = told.trim().split(' ')
    for (const [index, { resolve }] of awaited.entries()) resolve(RESULTS[statuses[index] ?? ''] ?? 'unknown')
  }
}

const RESULTS: Readonly<Record<string, ProbeResult>> = { 0: 'answered', 1: 'silent' }

function exchangeOf({ link, family }: Awaited): string {
  const steps = family === 'ipv4' ? probeSteps4() : probeSteps6()
  const parts = steps.flatMap(({ frame, at, contains }) => [
    frame,
    at.map(each => each.join(':')).join(),
    contains,
  ])
  return [link, Math.ceil(PATIENCE / 1000), ...parts].join('\t')
}

async function runScript(exchanges: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('perl', ['-e', SCRIPT, ...exchanges], { timeout: 10_000 })
  return stdout
}
