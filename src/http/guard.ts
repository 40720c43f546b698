import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Access, Verdict } from '../pve/access/access.ts'
import { Failures } from './failures.ts'

/** Who may look at what is served to everybody who can connect. */
export interface GuardOptions {
  readonly access: Access
  /** Those who may, beside root@pam. */
  readonly users: () => readonly string[]
}

/** Lets those through who are signed in at Proxmox's own page, and machines with a token. */
export class Guard {
  readonly #options: GuardOptions
  readonly #failures = new Failures()

  constructor(options: GuardOptions) {
    this.#options = options
  }

  /** Answers in place of the server where somebody may not look. */
  async check(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> {
    if (this.#failures.isBarred(request.ip)) return refuse(reply, 429, 'too many failures: wait a minute')
    const verdict = this.#judge(request)
    if (verdict?.ok) return undefined
    // A browser that is not signed in shows nothing, and fails at nothing.
    if (verdict) this.#failures.note(request.ip)
    if (verdict?.why === 'forbidden')
      return refuse(reply, 403, 'the policy does not let you look (http.users)')
    if (request.url === '/' && request.method === 'GET') return signIn(request, reply)
    reply.header('www-authenticate', 'Bearer realm="guestnet"')
    return refuse(
      reply,
      401,
      'sign in at the web page of Proxmox VE on this host, or show a token of guestnet’s',
    )
  }

  /** `undefined`: nothing was shown. */
  #judge({ headers }: FastifyRequest): Verdict | undefined {
    const { access, users } = this.#options
    const [, secret] = /^Bearer ([\w-]{1,128})$/.exec(headers.authorization ?? '') ?? []
    if (secret !== undefined) return access.byToken(secret)
    if (headers.authorization !== undefined) return { ok: false, why: 'unknown' }
    const ticket = cookieIn(headers.cookie, 'PVEAuthCookie')
    return ticket === undefined ? undefined : access.byTicket(ticket, users())
  }
}

function refuse(reply: FastifyReply, code: number, error: string): FastifyReply {
  return reply.code(code).send({ error })
}

/** Where Proxmox VE's own page is on every node. */
const PROXMOX_PORT = 8006

function signIn(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  // A name that the server knows to be its own (host.ts), and so nothing but letters, digits, dots, dashes, colons, brackets.
  const host = new URL(`https://${request.headers.host}`).hostname
  return reply
    .code(401)
    .type('text/html; charset=utf-8')
    .send(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>guestnet: sign in</title>
<h1>guestnet</h1>
<p>Whoever is signed in at Proxmox VE on this host is signed in here.
<p><a href="https://${host}:${PROXMOX_PORT}/">Sign in there</a>, then <a href="/">come back</a>.
</html>
`)
}

/** The value of a cookie; the browser sends it as Proxmox escaped it. */
function cookieIn(header: string | undefined, name: string): string | undefined {
  const found = header
    ?.split(';')
    .map(part => part.trim())
    .find(part => part.startsWith(`${name}=`))
    ?.slice(name.length + 1)
  if (found === undefined || found === '') return undefined
  try {
    return decodeURIComponent(found)
  } catch {
    return found
  }
}
