/**
 * A string in a BIRD configuration. BIRD knows no escapes there, so whoever accepts such texts refuses quotation marks
 * and control characters; here they are a bug.
 */
export function quote(text: string): string {
  if (!isQuotable(text)) throw new Error(`BIRD has no way to write ${JSON.stringify(text)}`)
  return `"${text}"`
}

/** Whether a text can be written in a BIRD configuration at all. */
function isQuotable(text: string): boolean {
  return /^[^"\p{Cc}]*$/u.test(text)
}
