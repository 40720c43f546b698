/** A kind of plain value: how it is read, and what a message calls it. */
export interface Scalar {
  /** The value as Proxmox keeps it, `undefined` if it takes it for invalid. */
  readonly read: (text: string) => string | undefined
  /** Completes "is not …". */
  readonly expected: string
}

/** A kind that keeps what it accepts as it is written. */
export function scalar(expected: string, accepts: RegExp | ((text: string) => boolean)): Scalar {
  const accepted = accepts instanceof RegExp ? (text: string) => accepts.test(text) : accepts
  return { expected, read: text => (accepted(text) ? text : undefined) }
}

export function choice(values: readonly string[]): Scalar {
  return scalar(`one of ${values.join(', ')}`, text => values.includes(text))
}

/** `1`, `on`, `yes`, `true` and their opposites in any case; kept as `1` or `0`. */
export const BOOLEAN: Scalar = {
  expected: 'yes or no',
  read: text => {
    if (/^(?:1|on|yes|true)$/i.test(text)) return '1'
    return /^(?:0|off|no|false)$/i.test(text) ? '0' : undefined
  },
}

/** A whole number inside a property string: `+5` and `005` are as good as `5`. */
export function integer(what: string, least: number, most = Number.POSITIVE_INFINITY): Scalar {
  return scalar(
    `${what} from ${least}${Number.isFinite(most) ? ` to ${most}` : ''}`,
    text => /^[+-]?[0-9]+$/.test(text) && Number(text) >= least && Number(text) <= most,
  )
}

/** A decimal number inside a property string: `5`, `12.5`, `.5`, `1e3`. */
export function decimal(least = Number.NEGATIVE_INFINITY): Scalar {
  return scalar(
    Number.isFinite(least) ? `a number from ${least}` : 'a number',
    text => /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/.test(text) && Number(text) >= least,
  )
}
