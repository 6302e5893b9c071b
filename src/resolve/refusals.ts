import { refusedGrant } from './choose-role.ts'
import type { Because } from './decision.ts'
import type { Mapped } from './mapped.ts'

/** Everything that the ceiling of a directory keeps its data from handing out to somebody, wherever it would count. */
export function refusals({ grants, values, picks }: Mapped): Because[] {
  return [
    ...[...grants.values()]
      .flat()
      .filter(({ state }) => state === 'refused')
      .map(refusedGrant),
    ...[...values.values()].flatMap(({ because }) => because.filter(({ kind }) => kind === 'refused')),
    ...[...picks].flatMap(([{ connection }, { state, how, facts }]): Because[] =>
      state === 'refused'
        ? [
            {
              step: 'environment',
              kind: 'refused',
              text: `to ask for \`${connection}\` by name: ${how}`,
              connection,
              ...facts,
            },
          ]
        : [],
    ),
  ]
}
