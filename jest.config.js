export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/strip.js' },
  setupFiles: ['<rootDir>/test/support/random.ts'],
  globalSetup: '<rootDir>/test/support/postgres-setup.ts',
  globalTeardown: '<rootDir>/test/support/postgres-teardown.ts',
  // Tests wait for databases and processes as much as they compute.
  maxWorkers: '100%',
  // A machine that is busy with something else makes a test slow, and not wrong.
  testTimeout: 120_000,
  coverageProvider: 'v8',
}
