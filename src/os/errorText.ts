import { getSystemErrorMap } from 'node:util'
import * as z from 'zod'

/** What went wrong, in one line of words: no code of the system's, no stack, no dump. */
export function errorText(error: unknown): string {
  if (error instanceof z.ZodError) return schemaText(error)
  if (!(error instanceof Error)) return oneLine(String(error))
  const { errno, path, syscall } = error as NodeJS.ErrnoException
  const [, words] = (errno !== undefined && getSystemErrorMap().get(errno)) || []
  if (words === undefined) return oneLine(error.message)
  return path === undefined ? `${words}${syscall === undefined ? '' : ` (${syscall})`}` : `${path}: ${words}`
}

/** The first of what does not fit, and where. */
function schemaText({ issues }: z.ZodError): string {
  const [first] = issues
  const place = first?.path.map(String).join('.')
  return `an answer is not as expected${place ? ` at ${place}` : ''}: ${oneLine(first?.message ?? 'it is empty')}`
}

function oneLine(text: string): string {
  return text.trim().replaceAll(/\s*\n\s*/g, '; ')
}
