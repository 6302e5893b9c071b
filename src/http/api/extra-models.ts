import { edited, entryListQuery, extraModels, removeExtraQuery } from '../../../schemas/messages/edits.ts'
import { listExtraModels, removeExtraModels } from '../../provision/edit/extra-models.ts'
import { etag } from '../if-match.ts'
import { json } from '../reply.ts'
import { makeEdit } from './edit.ts'
import { endpoint } from './endpoint.ts'

/** Models where they are not wanted: what connections have besides what every section has. */
export const extraModelEndpoints = [
  endpoint({
    method: 'get',
    path: '/connections/{connection}/extra-models',
    scopes: ['admin'],
    summary: 'List the models on the environments of a connection, which shares its own models with them',
    query: entryListQuery,
    answer: {
      status: 200,
      description: 'Models with the environment they are built on',
      schema: extraModels,
    },
    async handle({ ctx, path, query }) {
      const found = await listExtraModels(ctx, path['connection'] ?? '', query)
      return json(200, found, etag(found.revision))
    },
  }),
  endpoint({
    method: 'delete',
    path: '/connections/{connection}/extra-models',
    scopes: ['admin'],
    summary: 'Remove models on the environments of a connection',
    query: removeExtraQuery,
    conditional: true,
    answer: { status: 200, description: 'What is different', schema: edited },
    handle: (call) =>
      makeEdit(
        call,
        (document) => removeExtraModels(document, call.path['connection'] ?? '', call.query),
        200,
      ),
  }),
]
