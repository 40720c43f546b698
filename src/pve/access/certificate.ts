import { X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import { readText, statOf } from '../../os/files.ts'

/** A node's certificate and key for TLS, as PEM. */
export interface Certificate {
  readonly cert: string
  readonly key: string
  /** Names it is for. */
  readonly names: ReadonlySet<string>
}

/** What Proxmox's own page uses: the administrator's certificate where there is one, else the cluster's (PVE::Service::pveproxy). */
const NAMES = ['pveproxy-ssl', 'pve-ssl'] as const

/** Reads it. Throws where it cannot be read. */
export function readCertificate(pveRoot: string, node: string): Certificate {
  const folder = join(pveRoot, 'nodes', node)
  const name = NAMES.find(name => statOf(join(folder, `${name}.pem`)) && statOf(join(folder, `${name}.key`)))
  if (name === undefined) throw new Error(`${join(folder, 'pve-ssl.pem')} or its key is not there`)
  const cert = textOf(join(folder, `${name}.pem`))
  return { cert, key: textOf(join(folder, `${name}.key`)), names: namesIn(cert) }
}

/** Changes whenever the certificate does. */
export function certificateMark(pveRoot: string, node: string): string {
  return NAMES.flatMap(name => ['pem', 'key'].map(end => join(pveRoot, 'nodes', node, `${name}.${end}`)))
    .map(path => statOf(path)?.mtimeMs ?? '-')
    .join(' ')
}

/** Whether this is a node's own certificate, as the cluster has it. `shown` in DER. */
export function isCertificateOf(pveRoot: string, node: string, shown: Buffer): boolean {
  return NAMES.some(name => {
    const file = readText(join(pveRoot, 'nodes', node, `${name}.pem`))
    try {
      return file.ok && new X509Certificate(file.text).raw.equals(shown)
    } catch {
      return false
    }
  })
}

function textOf(path: string): string {
  const file = readText(path)
  if (!file.ok) throw new Error(file.reason)
  return file.text
}

/** Those of the first certificate, which is the node's own. */
function namesIn(cert: string): Set<string> {
  const names = new X509Certificate(cert).subjectAltName ?? ''
  return new Set([...names.matchAll(/DNS:([^,\s]+)/g)].map(([, name = '']) => name.toLowerCase()))
}
