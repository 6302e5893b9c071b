import { join } from 'node:path'
import usual from '../../jest.config.js'

// Only what is pure and quick runs once a mutant: no database is started.
const { globalSetup: _setup, globalTeardown: _teardown, ...config } = usual
export default {
  ...config,
  rootDir: join(import.meta.dirname, '../..'),
  testMatch: ['<rootDir>/test/mutation/tests.ts'],
  testEnvironment: join(import.meta.dirname, 'environment.js'),
}
