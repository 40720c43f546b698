import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { failed, type Result } from '../core/values/result.ts'
import { errorText } from '../os/errorText.ts'
import { run } from '../os/program.ts'
import type { Part } from './parts.ts'
import { withoutSecrets } from './secrets.ts'

export interface ArchiveOptions {
  /** Where it is written, as tar.gz; nobody but who wrote it can read it. */
  readonly path: string
  /** The folder that everything in it is in. */
  readonly folder: string
  readonly parts: readonly Part[]
  /** What is known to be secret. */
  readonly secrets: readonly string[]
}

/** Writes an archive. A part that cannot be had says so in its place. */
export async function writeArchive({ path, folder, parts, secrets }: ArchiveOptions): Promise<Result> {
  const place = mkdtempSync(join(tmpdir(), 'guestnet-report-'))
  try {
    for (const { file, text } of parts) {
      const target = join(place, folder, file)
      mkdirSync(dirname(target), { recursive: true })
      writeFileSync(target, withoutSecrets(await textOf(text), secrets))
    }
    // Made before there is anything in it, so that it is never open to others.
    writeFileSync(path, '', { flag: 'wx', mode: 0o600 })
    chmodSync(path, 0o600)
    const packed = await run('tar', ['-czf', path, '-C', place, folder], { timeout: 120_000 })
    return packed.ok ? packed : failed(packed.reason)
  } catch (error) {
    return failed(errorText(error))
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
}

async function textOf(text: Part['text']): Promise<string> {
  try {
    return await text()
  } catch (error) {
    return `(${errorText(error)})\n`
  }
}
