import fc from 'fast-check'

/*
 * Random tests play the same in every run, so that a run judges the change and not the dice:
 * `RANDOM_SEED=42 npm test` plays something else.
 */
fc.configureGlobal({ seed: Number(process.env['RANDOM_SEED'] ?? 1) })
