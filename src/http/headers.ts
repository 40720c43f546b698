/** With every answer. The page is one document and its own files: it loads nothing from elsewhere and nobody frames it. */
export const SECURITY_HEADERS = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  // Other sites' pages cannot embed an answer and learn from its size or timing.
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
} as const
