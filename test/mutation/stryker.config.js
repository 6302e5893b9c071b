/** How `npm run mutation` finds out what the tests of src/scim overlook: https://stryker-mutator.io/docs/stryker-js/configuration */
export default {
  mutate: ['src/scim/**/*.ts'],
  ignorePatterns: [
    '**',
    '!jest.config.js',
    '!strip.js',
    '!schemas/**',
    '!src/scim/**',
    '!test/scim/**',
    '!test/mutation/*',
    '!fixtures/rfc/**',
    '!fixtures/syntax/**',
  ],
  testRunner: 'jest',
  testRunnerNodeArgs: ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
  jest: { configFile: 'test/mutation/jest.config.js', enableFindRelatedTests: false },
  coverageAnalysis: 'perTest',
  concurrency: 2,
  timeoutMS: 60_000,
  dryRunTimeoutMinutes: 20,
  // Jest keeps every module that it has loaded: after so many mutants a process has a gigabyte.
  maxTestRunnerReuse: 40,
  // The copy that is worked on lies inside the repository, where packages are found without a link.
  symlinkNodeModules: false,
  tempDirName: 'coverage/mutation/sandbox',
  cleanTempDir: 'always',
  incrementalFile: 'coverage/mutation/incremental.json',
  reporters: ['dots', 'clear-text', 'json', 'html'],
  clearTextReporter: { reportMutants: false, reportTests: false },
  jsonReporter: { fileName: 'coverage/mutation/report.json' },
  htmlReporter: { fileName: 'coverage/mutation/report.html' },
  thresholds: { high: 90, low: 85, break: 85 },
}
