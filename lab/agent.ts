import { chmodSync, copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { eventually } from './eventually.ts'
import type { LabNode } from './node.ts'
import type { LabProcess, Outcome } from './process.ts'

export interface AgentOptions {
  /** What is run with `node`; by default what `npm run build` makes. */
  readonly bundle?: string
  /** Further arguments, after the common options. */
  readonly args?: readonly string[]
  /** What is in its environment besides, `NAME=value`. */
  readonly environment?: readonly string[]
}

const BUNDLE = 'dist/guestnet.js'

/** The Node.js that runs guestnet: with LAB_NODE another one than runs the tests, such as the older one of Debian 12. */
const NODE = process.env.LAB_NODE ?? process.execPath

/** The options by which an agent serves this simulated node and none else; its /etc/pve is where every node has it. */
export function commonOptions(node: LabNode): string[] {
  return [
    ...['--node', node.name],
    ...['--run-dir', node.runDir],
    ...['--state-dir', node.stateDir],
    ...['--name', node.agentName],
  ]
}

/** Starts the real agent on a simulated node. */
export function startAgent(
  node: LabNode,
  { bundle = BUNDLE, args = [], environment = [] }: AgentOptions = {},
): LabProcess {
  const command = [NODE, resolve(bundle), 'run', ...commonOptions(node), ...args]
  return node.spawn('agent', 'env', [...environment, ...command])
}

/** Runs guestnet on a simulated node as people do, with more in its environment: `NAME=value`. */
export function inText(
  node: LabNode,
  words: readonly string[],
  environment: readonly string[] = [],
): Promise<Outcome> {
  const command = [NODE, resolve(BUNDLE), ...words, ...commonOptions(node)]
  return node.attempt('env', [...environment, ...command])
}

const AS_NOBODY = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']

/** Runs guestnet on a simulated node as a user who is not root: from a copy, as nobody else may read a checkout in root's home. */
export async function asNobody(node: LabNode, words: readonly string[]): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'guestnet-nobody-'))
  const program = join(folder, 'guestnet.mjs')
  try {
    copyFileSync(BUNDLE, program)
    chmodSync(folder, 0o755)
    return await node.attempt('env', [...AS_NOBODY, NODE, program, ...words])
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Runs a verb of the command line on a simulated node; standard output is JSON. */
export function guestnet(node: LabNode, verb: string, ...args: string[]): Promise<Outcome> {
  const command = [resolve(BUNDLE), verb, ...args, ...commonOptions(node), '--output', 'json']
  return node.attempt(NODE, command)
}

/** Waits until `guestnet plan` has nothing left to do on a simulated node; fails with what is left. */
export async function nothingLeft(node: LabNode): Promise<void> {
  await eventually(
    'nothing is left to do',
    async () => {
      const { exitCode, stdout, stderr } = await guestnet(node, 'plan')
      return exitCode === 0 || Promise.reject(new Error(stdout + stderr))
    },
    { timeoutMs: 30_000, everyMs: 100, dump: () => node.lab.dump() },
  )
}
