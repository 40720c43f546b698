const SECONDS = new Map([
  ['', 1],
  ['s', 1],
  ['m', 60],
  ['h', 3600],
  ['d', 86_400],
])

/** Reads `90s`, `30m`, `1h`, `2d` or plain seconds, `3600`; in seconds. `undefined` for anything else. */
export function parseDuration(text: string): number | undefined {
  const [, digits, unit] = /^([0-9]{1,9})([smhd]?)$/.exec(text) ?? []
  const seconds = SECONDS.get(unit ?? '')
  return digits === undefined || seconds === undefined ? undefined : Number(digits) * seconds
}
