/** A sequence of bytes that is UTF-8 (RFC 3629, section 4) beyond ASCII, or else one byte; each byte as a character. */
const SEQUENCE =
  /[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}|[\x80-\xff]/g

/**
 * A guest's file as text. Proxmox reads its files as bytes, so none may be lost: one that belongs to no UTF-8 becomes the
 * lone surrogate U+DC00 and its value, as in Python's `surrogateescape` (PEP 383).
 */
export function textOf(bytes: Buffer): string {
  const text = bytes.toString('utf8')
  if (!text.includes('\ufffd')) return text
  return bytes
    .toString('latin1')
    .replace(SEQUENCE, found =>
      found.length > 1
        ? Buffer.from(found, 'latin1').toString('utf8')
        : String.fromCharCode(0xdc00 + found.charCodeAt(0)),
    )
}

/**
 * The bytes that Perl 5.36 takes for blanks where it is told to think in Unicode, while it goes on byte by byte: those of
 * NEL and of the no-break space (perlrecharclass, "Whitespace"). In UTF-8 they never stand alone.
 */
export const BLANK_BYTES = /[\udc85\udca0]/gu
