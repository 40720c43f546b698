import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { utimesSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './process.ts'
import type { Tree } from './tree.ts'

/** What Proxmox VE keeps of who may sign in, and whom it signed in: with real keys. */
export class ProxmoxLogin {
  readonly #tree: Tree
  readonly #key: KeyObject

  private constructor(tree: Tree, key: KeyObject) {
    this.#tree = tree
    this.#key = key
  }

  /** A cluster with these users beside root@pam, and a certificate for each of these nodes. */
  static async create(
    tree: Tree,
    nodes: readonly string[],
    users: readonly string[] = [],
  ): Promise<ProxmoxLogin> {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    tree.writeFile('authkey.pub', publicKey.export({ type: 'spki', format: 'pem' }).toString())
    // It is as old as a key of the cluster gets before it is replaced.
    const dayAgo = Date.now() / 1000 - 80_000
    utimesSync(join(tree.root, 'authkey.pub'), dayAgo, dayAgo)
    tree.writeFile('user.cfg', ['root@pam', ...users].map(user => `user:${user}:1:0::::::\n`).join(''))
    const login = new ProxmoxLogin(tree, privateKey)
    for (const node of nodes) await login.certify(node)
    return login
  }

  /** Gives a node a certificate, in place of the one it has. */
  async certify(node: string): Promise<void> {
    const folder = join(this.#tree.root, 'nodes', node)
    const files = ['-keyout', join(folder, 'pve-ssl.key'), '-out', join(folder, 'pve-ssl.pem')]
    const subject = [
      '-subj',
      `/CN=${node}`,
      '-addext',
      `subjectAltName=DNS:${node},DNS:${node}.example.net,IP:127.0.0.1`,
    ]
    await run([
      'openssl',
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      '2',
      ...subject,
      ...files,
    ])
  }

  certificateOf(node: string): string {
    return join(this.#tree.root, 'nodes', node, 'pve-ssl.pem')
  }

  /** The cookie of somebody who signed in so many seconds ago. */
  cookie(user: string, age = 0, key = this.#key): string {
    const time = Math.floor(Date.now() / 1000) - age
    const plain = `PVE:${user}:${time.toString(16).toUpperCase().padStart(8, '0')}`
    const signature = sign('RSA-SHA1', Buffer.from(plain), key).toString('base64')
    return `PVEAuthCookie=${encodeURIComponent(`${plain}::${signature}`)}`
  }
}
