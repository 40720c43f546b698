import { groupBy } from '../core/values/collection.ts'
import { readText } from '../os/files.ts'
import { run } from '../os/program.ts'

/**
 * Sends frames by links and tells what comes in by each, packet(7): what others on the way, nftables among them, do with
 * it comes later. Node.js has no raw sockets, and every Debian has Perl (perl-base). Argument: hundredths of a second of silence.
 * A line of input is a question: its number, the link's index, what an answer contains that ends it (or `-`), and the frames. A line of
 * output is the question's number, and a frame; or `!` and why it could not be asked.
 */
const PERL = String.raw`
use strict; use warnings;
my $patience = shift @ARGV;
my $end = time + 2 + $patience / 100;
my @open;
while (my $line = <STDIN>) {
  my ($number, $index, $enough, @frames) = split ' ', $line;
  eval {
    socket(my $s, 17, 3, 0) or die "socket: $!\n";
    bind($s, pack('S n i S C C x8', 17, 3, $index, 1, 0, 6)) or die "bind: $!\n";
    syswrite($s, pack('H*', $_)) or die "send: $!\n" for @frames;
    push @open, [$number, $enough, $s];
  } or print "$number ! $@";
}
while (@open && $patience > 0 && time < $end) {
  my $ready = '';
  vec($ready, fileno($_->[2]), 1) = 1 for @open;
  if (select($ready, undef, undef, 0.05) < 1) { $patience -= 5; next }
  @open = grep {
    my ($number, $enough, $s) = @$_;
    my $got = '';
    vec($ready, fileno($s), 1) and sysread($s, $got, 2048);
    my $hex = unpack('H*', $got);
    print "$number $hex\n" if $got ne '';
    $enough eq '-' || index($hex, $enough) < 0;
  } @open;
}
`

export interface Question {
  readonly link: string
  /** Hexadecimal. */
  readonly frames: readonly string[]
  /** What the one answer contains; absent: there may be several, so all the time is waited. */
  readonly enough?: string
}

/** The frames that came in after those of a question were sent, hexadecimal; or why they could not be sent. */
export type Answer = { readonly frames: readonly string[] } | { readonly failure: string }

/** `patience`: milliseconds of silence after which nobody answers any more. */
export async function askOnWire(question: Question, patience: number): Promise<Answer> {
  const [answer] = await askOnWires([question], patience)
  return answer ?? { failure: 'it was not asked' }
}

/** Asks on several links at once, by one program: its start is most of what a question costs. Answers are in the order of the questions. */
export async function askOnWires(questions: readonly Question[], patience: number): Promise<Answer[]> {
  const lines = questions.map(({ link, frames, enough = '-' }, number) => {
    const index = readText(`/sys/class/net/${link}/ifindex`)
    return index.ok ? [number, index.text.trim(), enough, ...frames].join(' ') : undefined
  })
  const asked = lines.flatMap(line => line ?? [])
  const outcome = asked.length === 0 ? { answers: new Map() } : await put(asked, patience)
  return questions.map(({ link }, number) => {
    if (lines[number] === undefined) return { failure: `there is no link ${link}` }
    return 'failure' in outcome ? outcome : answerIn(outcome.answers.get(number) ?? [])
  })
}

type Told = ReadonlyMap<number, readonly { readonly text: string }[]>

/** What was told of each question, by its number. */
async function put(
  lines: readonly string[],
  patience: number,
): Promise<{ readonly answers: Told } | { readonly failure: string }> {
  const outcome = await run('perl', ['-e', PERL, String(Math.ceil(patience / 10))], {
    input: `${lines.join('\n')}\n`,
  })
  if (!outcome.ok)
    return { failure: outcome.missing ? outcome.reason : outcome.stderr.trim() || outcome.reason }
  const told = outcome.stdout.split('\n').flatMap(line => {
    const [, number, text] = /^(\d+) (.+)$/.exec(line) ?? []
    return text === undefined ? [] : [{ number: Number(number), text }]
  })
  return { answers: groupBy(told, ({ number }) => number) }
}

function answerIn(lines: readonly { readonly text: string }[]): Answer {
  const texts = lines.map(({ text }) => text)
  const failure = texts.find(text => text.startsWith('! '))
  return failure === undefined ? { frames: texts } : { failure: failure.slice(2) }
}
