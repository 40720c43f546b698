import * as z from 'zod'

/**
 * What `ip -j` lists: those entries that are as expected. The others are none of guestnet's, or empty objects, which
 * iproute2 prints for links that vanish while it looks. Throws for what is no list at all.
 */
export function readEntries<T>(schema: z.ZodType<T>, json: string): T[] {
  const entries: unknown[] = z.array(z.unknown()).parse(JSON.parse(json === '' ? '[]' : json))
  return entries.flatMap(entry => {
    const read = schema.safeParse(entry)
    return read.success ? [read.data] : []
  })
}

/** The lists that `ip -j -batch` prints, one a line, as many as there were commands. */
export function splitBatch(stdout: string): string[] {
  return stdout.split('\n').filter(line => line !== '')
}
