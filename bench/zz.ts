import { monotonicMs } from '../lab/wire.ts'
import { everyoneOffered } from './offers.ts'
import { agentWith, serving } from './service.ts'
import { createWorld } from './world.ts'

const w = await createWorld({ guests: Number(process.argv[2] ?? 40) })
try {
  for (let r = 0; r < 4; r++) {
    const begun = monotonicMs()
    await serving(agentWith(), w, async () => {
      const { fewAt, allAt } = await everyoneOffered(w)
      console.log((fewAt - begun).toFixed(0), (allAt - begun).toFixed(0))
    })
  }
} finally {
  await w.lab.close()
}
