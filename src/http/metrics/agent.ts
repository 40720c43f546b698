import { Counter, Gauge, type Registry } from 'prom-client'

/**
 * The agent itself, by the names that every Prometheus client has for a process. Not prom-client's own set: it keeps a timer
 * running that wakes the process a hundred times a second.
 */
export function describeAgent(registry: Registry, version: string): void {
  const common = { registers: [registry] }
  new Gauge({
    ...common,
    name: 'guestnet_build_info',
    help: 'Always 1; the version of guestnet and of Node.js that the agent runs.',
    labelNames: ['version', 'node_version'] as const,
  }).set({ version, node_version: process.versions.node }, 1)
  new Gauge({
    ...common,
    name: 'process_start_time_seconds',
    help: 'When the agent was started, in Unix time.',
  }).set(Date.now() / 1000 - process.uptime())
  new Gauge({
    ...common,
    name: 'process_resident_memory_bytes',
    help: 'Memory of the agent.',
    collect() {
      this.set(process.memoryUsage.rss())
    },
  })
  new Counter({
    ...common,
    name: 'process_cpu_seconds_total',
    help: 'CPU time of the agent, without the programs it runs.',
    collect() {
      const { user, system } = process.cpuUsage()
      this.reset()
      this.inc((user + system) / 1e6)
    },
  })
}
