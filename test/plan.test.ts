import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { describePlan, NODES, nodeCases, planNode } from './nodes.ts'

/** `UPDATE=1 npx vitest run test/plan.test.ts` writes what is planned now: to be read in review. */
const UPDATE = process.env.UPDATE === '1'

test.each(nodeCases())('%s: the plan is as written', async name => {
  const file = join(NODES, name, 'plan.txt')
  const plan = describePlan(name, await planNode(name))
  if (UPDATE) writeFileSync(file, plan)
  expect(plan).toBe(
    existsSync(file) ? readFileSync(file, 'utf8') : `${file} is missing; write it with UPDATE=1`,
  )
})
