import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'

// All tests of src/scim in one module registry: what they share is loaded once a mutant, and not once a file.
const folder = join(import.meta.dirname, '../scim')
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
  // Time is no measure of code that counts its own steps.
  (name) => name.endsWith('.test.ts') && name !== 'cost.test.ts',
)

// The same examples of a law each time, as many as fit; the first that breaks it will do.
fc.configureGlobal({ seed: 1, endOnFailure: true, interruptAfterTimeLimit: 100 })

for (const file of files.toSorted()) await import(join(folder, file))
