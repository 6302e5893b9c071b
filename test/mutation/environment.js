import { TestEnvironment } from 'jest-environment-node'

/** Node, where nothing more is tried once a test has failed: the mutant is found, and Jest itself goes on to the end. */
export default class extends TestEnvironment {
  #failed = false

  handleTestEvent(event) {
    if (event.name === 'test_fn_failure' || event.name === 'hook_failure') this.#failed = true
    if (event.name === 'test_start' && this.#failed) event.test.mode = 'skip'
  }
}
