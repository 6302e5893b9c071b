import type { Decision } from '../../src/resolve/decision.ts'

/** Why a decision is as it is, in a few words: a sentence for each fact stands in `because`. */
export function why({ reason, because, environment }: Decision): string {
  const fact = (kind: string) => because.find((one) => one.kind === kind && one.step !== 'environment')
  switch (reason) {
    case null:
      return `\`${environment?.value ?? ''}\`, and the rule \`${fact('granted')?.rule ?? ''}\``
    case 'inactive':
      return 'deactivated'
    case 'no_access':
      return 'no rule grants a role'
    case 'no_value':
      return 'has no `db_role`'
    case 'refused': {
      const { values, role, directory } = fact('refused') ?? {}
      return `\`${values?.join() ?? role}\` is more than \`${directory}\` may hand out`
    }
    case 'unmatched': {
      const nearMiss = because.find(({ kind }) => kind === 'near_miss')
      return `\`${nearMiss?.value}\` is not \`${nearMiss?.near}\``
    }
    case 'ambiguous':
    case 'unknown_user':
      return because.at(-1)?.text ?? ''
  }
}
