import { promisify } from 'node:util'
import { constants, gzip } from 'node:zlib'

const pack = promisify(gzip)

/** Text that many are sent, as it is or packed. */
export class Body {
  readonly plain: Buffer
  #packed: Promise<Buffer> | undefined

  constructor(text: string) {
    this.plain = Buffer.from(text)
  }

  /** In the format of gzip(1), once for all, and by another thread: a thousand guests are a tenth of their size then. */
  packed(): Promise<Buffer> {
    this.#packed ??= pack(this.plain, { level: constants.Z_BEST_SPEED })
    return this.#packed
  }
}

/** Whether who asks takes it packed (RFC 9110, section 12.5.3). */
export function takesPacked(acceptEncoding: string | undefined): boolean {
  return (acceptEncoding ?? '').split(',').some(one => /^\s*gzip\s*(;\s*q=(?!0(\.0*)?\s*$).*)?$/i.test(one))
}
