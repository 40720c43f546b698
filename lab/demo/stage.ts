import { readFileSync } from 'node:fs'
import { ask } from '../../src/agent/socket.ts'
import type { Report } from '../../src/core/report/report.ts'
import { commonOptions, startAgent } from '../agent.ts'
import { eventually } from '../eventually.ts'
import type { Lab } from '../lab.ts'
import type { Lan } from '../lan.ts'
import type { LabNode } from '../node.ts'
import type { LabProcess } from '../process.ts'
import type { Tree } from '../tree.ts'
import { configOf, type Role } from './cast.ts'
import { Fabric } from './fabric.ts'

/** What the story is played on: a node of a cluster, cabled to a LAN, and the agent. */
export class Stage {
  readonly lab: Lab
  readonly tree: Tree
  readonly node: LabNode
  readonly lan: Lan
  /** The bundled command line. */
  readonly bundle: string
  #agent: LabProcess | undefined
  #fabric: Fabric | undefined
  #linesTold = 0

  private constructor(lab: Lab, tree: Tree, node: LabNode, lan: Lan, bundle: string) {
    this.lab = lab
    this.tree = tree
    this.node = node
    this.lan = lan
    this.bundle = bundle
  }

  static async build(lab: Lab, bundle: string): Promise<Stage> {
    const tree = lab.createTree({ nodes: ['pve1', 'pve2'] })
    const node = await lab.addNode('pve1', tree)
    await node.addBridge('vmbr0')
    const lan = await lab.addLan()
    await lan.connect(node, 'vmbr0')
    // Its start must not count as part of the first thing measured.
    lab.wire()
    return new Stage(lab, tree, node, lan, bundle)
  }

  get agent(): LabProcess {
    if (this.#agent === undefined) throw new Error('no agent was started yet')
    return this.#agent
  }

  /** The second node and the router, which join later. */
  get fabric(): Fabric {
    if (this.#fabric === undefined) throw new Error('there is no router yet')
    return this.#fabric
  }

  async addFabric(): Promise<Fabric> {
    this.#fabric = await Fabric.build(this)
    return this.#fabric
  }

  startAgent(): LabProcess {
    this.#agent = startAgent(this.node, { bundle: this.bundle })
    return this.#agent
  }

  /** Writes a guest's configuration; returns its lines. */
  configure(role: Role): string[] {
    const text = configOf(role)
    this.tree.write(this.node.name, role.type, role.vmid, text)
    return text.trimEnd().split('\n')
  }

  /** The address that a guest's configuration gives it now; `dhcp` where it gives none. */
  ipOf({ vmid }: Role): string {
    return this.node.configOf(vmid).nics[0]?.addressing.ip ?? 'dhcp'
  }

  /** Gives a guest another address in its configuration; returns the lines it changes, as a diff. */
  edit(role: Role, ip: string): string[] {
    const { path } = this.tree.find(role.vmid)
    const before = readFileSync(path, 'utf8').split('\n')
    this.tree.edit(role.vmid, text => text.replace(`ip=${this.ipOf(role)}`, `ip=${ip}`))
    const after = readFileSync(path, 'utf8').split('\n')
    const changed = (lines: string[], others: string[]) => lines.filter(line => !others.includes(line))
    return [
      ...changed(before, after).map(line => `- ${line}`),
      ...changed(after, before).map(line => `+ ${line}`),
    ]
  }

  /** What the agent reports, as soon as it satisfies `until`. */
  report(what: string, until: (report: Report) => boolean): Promise<Report> {
    return this.#ask(what, 'GET', '/report', until)
  }

  /** What the agent reports after another look at the node, as soon as nothing is on its way any more. */
  settled(): Promise<Report> {
    return this.#ask('the node is as it should be', 'POST', '/converge', ({ nics, servers }) => {
      const numbers = new Set(servers.map(({ server }) => server))
      return (
        nics.every(({ state }) => state !== 'pending') &&
        servers.every(({ pid, state }) => pid !== undefined && state === 'answering') &&
        numbers.size === servers.length
      )
    })
  }

  /** The lines that the agent has logged since this was asked last. */
  news(): string[] {
    const lines = readFileSync(this.agent.logFile, 'utf8').trimEnd().split('\n')
    const told = this.#linesTold
    this.#linesTold = lines.length
    return lines.slice(told)
  }

  #ask(
    what: string,
    method: 'GET' | 'POST',
    path: string,
    until: (report: Report) => boolean,
  ): Promise<Report> {
    return eventually(
      what,
      async () => {
        const answer = await ask(this.node, method, path)
        if (!answer?.ok) return undefined
        const report = answer.value as Report
        return until(report) ? report : undefined
      },
      { timeoutMs: 15_000 },
    )
  }

  /** What a verb of the command line prints for people, or only its first lines. */
  async guestnet(verb: string, lines = Number.POSITIVE_INFINITY): Promise<string> {
    const command = [this.bundle, verb, ...commonOptions(this.node)]
    const { stdout, stderr } = await this.node.attempt(process.execPath, command)
    return [stdout, stderr]
      .filter(text => text !== '')
      .join('\n')
      .split('\n')
      .slice(0, lines)
      .join('\n')
  }
}
