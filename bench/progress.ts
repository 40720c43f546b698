/** Says how far things are, where it does not mix with results. */
export function progress(text: string): void {
  process.stderr.write(`${text}\n`)
}
