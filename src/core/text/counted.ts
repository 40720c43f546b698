/** `1 guest`, `2 guests`, `0 addresses`: a number and its noun; `plural` where it is not the noun with an s. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`
}
