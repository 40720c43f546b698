import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What a client sent, frame by frame, as it was recorded: a line each in hexadecimal digits, with comments of how that was. */
export function recordedFrames(name: string): Buffer[] {
  const text = readFileSync(join(import.meta.dirname, 'recorded', `${name}.txt`), 'latin1')
  return text.split('\n').flatMap(line => (/^[0-9a-f]+$/.test(line) ? [Buffer.from(line, 'hex')] : []))
}
