import { Lan } from './lan.ts'
import { LabNode } from './node.ts'
import { Site } from './site.ts'
import { Tree, type TreeOptions } from './tree.ts'

export interface LabOptions {
  /** Start of every name the lab gives, a few letters. */
  readonly prefix?: string
}

/** Makes what a simulated cluster consists of. Needs root; touches nothing outside its namespaces and its own folder. */
export class Lab extends Site {
  /** Where the simulated /etc/pve is. */
  readonly pveRoot = this.folder('pve')
  #nodes = 0

  static async create({ prefix = 'lab' }: LabOptions = {}): Promise<Lab> {
    return new Lab(prefix)
  }

  /** The tree that all nodes read as /etc/pve. */
  createTree(options: TreeOptions): Tree {
    return new Tree(this.pveRoot, options)
  }

  async addNode(name: string, tree: Tree): Promise<LabNode> {
    const node = await this.step(() => LabNode.create(this, tree, name, this.#nameAgent()))
    this.places.push(node)
    return node
  }

  /** A switch outside the nodes, in a namespace of its own. */
  addLan(name = 'lan'): Promise<Lan> {
    return this.step(() => Lan.create(this, name))
  }

  /** At most ten characters, since link names are made of it: process, lab and node, in base 36. */
  #nameAgent(): string {
    return `gn${[process.pid, this.number, this.#nodes++].map(part => part.toString(36)).join('')}`
  }
}
