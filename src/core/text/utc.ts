/** `2026-11-25 21:45:10 UTC`, of milliseconds since 1970. */
export function utc(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}
