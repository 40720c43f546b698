/**
 * Milliseconds after which a daemon that answered, and whose process is there, is asked again: an answer costs both sides about a
 * millisecond each time, for as long as nothing happens. Health is looked at every second; a little less than five of them.
 */
export const ASK_AGAIN_MS = 4500
