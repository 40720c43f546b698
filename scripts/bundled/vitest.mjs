// Stands in for the package vitest in bundled tests: vitest's own parts, without the server that finds and transforms modules.
import {
  ASYMMETRIC_MATCHERS_OBJECT,
  ChaiStyleAssertions,
  chai,
  JestAsymmetricMatchers,
  JestChaiExpect,
  JestExtend,
  setState,
} from '@vitest/expect'
import { afterAll, afterEach, beforeAll, beforeEach, describe, getCurrentTest, test } from '@vitest/runner'

for (const plugin of [JestExtend, JestChaiExpect, ChaiStyleAssertions, JestAsymmetricMatchers])
  chai.use(plugin)

const expect = Object.assign(
  (value, message) => {
    const assertion = chai.expect(value, message)
    const current = getCurrentTest()
    return current ? assertion.withTest(current) : assertion
  },
  chai.expect,
  globalThis[ASYMMETRIC_MATCHERS_OBJECT],
)
expect.extend = matchers => chai.expect.extend(expect, matchers)
setState({ assertionCalls: 0 }, expect)

export { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test }
