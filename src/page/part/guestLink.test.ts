import { expect, test } from 'vitest'
import { guestLink, linkedGuest } from './guestLink.ts'

test('a link to a guest is read as it is written', () => expect(linkedGuest(guestLink(100))).toBe(100))
test.each(['', '#guests', '#guest-', '#guest-0100', '#guest-100x'])('%s links to no guest', hash =>
  expect(linkedGuest(hash)).toBeUndefined(),
)
