import { z } from 'zod'
import {
  changeOf,
  edited,
  editQuery,
  entriesOf,
  entryListQuery,
  entryOf,
  newPlace,
  removeQuery,
  settings,
} from '../../../schemas/messages/edits.ts'
import { addSent } from '../../provision/edit/add-sent.ts'
import { changeEntry } from '../../provision/edit/change.ts'
import type { Where } from '../../provision/edit/entries.ts'
import { grantToGroupSchema } from '../../provision/edit/grant-to-group.ts'
import { moveEntry } from '../../provision/edit/move.ts'
import { listEntries, readEntry } from '../../provision/edit/read.ts'
import { removeEntry } from '../../provision/edit/remove.ts'
import {
  oneOf,
  SECTION_NAMES,
  sectionOf,
  type Section,
  type SectionName,
} from '../../provision/edit/sections.ts'
import { etag } from '../if-match.ts'
import { json } from '../reply.ts'
import { makeEdit } from './edit.ts'
import { endpoint, type Endpoint } from './endpoint.ts'

/** The endpoints of everything that is edited piece by piece: every section has the same. */
export const sectionEndpoints: readonly Endpoint[] = SECTION_NAMES.flatMap(endpointsOf)

function endpointsOf(name: SectionName): Endpoint[] {
  const section = sectionOf(name)
  const { list, noun, within, schema, ordered } = section
  const all = within === undefined ? `/${name}` : `/${within}/{${variableOf(sectionOf(within))}}/${name}`
  const variable = variableOf(section)
  const one = `${all}/{${variable}}`
  const whereOf = (path: Readonly<Record<string, string>>): Where => ({
    section: name,
    within: within && path[variableOf(sectionOf(within))],
  })
  return [
    endpoint({
      method: 'get',
      path: all,
      scopes: ['admin'],
      summary: `List ${noun}s`,
      query: entryListQuery,
      answer: {
        status: 200,
        description: name === 'roles' ? 'The strongest first' : 'In the order of the configuration',
        schema: entriesOf(list, schema),
      },
      async handle({ ctx, path, query }) {
        const { entries, revision, ...more } = await listEntries(ctx, whereOf(path), query)
        return json(200, { revision, [list]: entries, ...more }, etag(revision))
      },
    }),
    endpoint({
      method: 'post',
      path: all,
      scopes: ['admin'],
      summary: `Add ${oneOf(section)}${name === 'grants' ? ' for a user, or for a group: that is a rule' : ''}`,
      query: editQuery,
      body: settings,
      bodySchema: name === 'grants' ? z.union([schema, grantToGroupSchema]) : schema,
      conditional: true,
      answer: { status: 201, description: 'Added, as the last one', schema: edited },
      handle: (call) => makeEdit(call, (document) => addSent(document, whereOf(call.path), call.body), 201),
    }),
    endpoint({
      method: 'get',
      path: one,
      scopes: ['admin'],
      summary: `Read one ${noun}`,
      answer: {
        status: 200,
        description: 'With what follows from it and what names it',
        schema: entryOf(schema),
      },
      async handle({ ctx, path }) {
        const found = await readEntry(ctx, whereOf(path), path[variable] ?? '')
        return json(200, found, etag(found.revision))
      },
    }),
    endpoint({
      method: 'patch',
      path: one,
      scopes: ['admin'],
      summary: `Change ${oneOf(section)} by a merge patch (RFC 7396); another name follows wherever it is named`,
      query: editQuery,
      body: settings,
      bodySchema: changeOf(schema),
      conditional: true,
      answer: { status: 200, description: 'As it is now', schema: edited },
      handle: (call) =>
        makeEdit(
          call,
          (document) => changeEntry(document, whereOf(call.path), call.path[variable] ?? '', call.body),
          200,
        ),
    }),
    endpoint({
      method: 'delete',
      path: one,
      scopes: ['admin'],
      summary: `Remove ${oneOf(section)}`,
      query: removeQuery,
      conditional: true,
      answer: { status: 200, description: 'What is different', schema: edited },
      handle: (call) =>
        makeEdit(
          call,
          (document) => removeEntry(document, whereOf(call.path), call.path[variable] ?? '', call.query),
          200,
        ),
    }),
    ...(ordered === undefined
      ? []
      : [
          endpoint({
            method: 'put',
            path: `${one}/order`,
            scopes: ['admin'],
            summary: `Move ${oneOf(section)}${name === 'roles' ? ' inside its tier' : ''}`,
            query: editQuery,
            body: newPlace,
            conditional: true,
            answer: { status: 200, description: 'As it stands now', schema: edited },
            handle: (call) =>
              makeEdit(
                call,
                (document) => moveEntry(document, whereOf(call.path), call.path[variable] ?? '', call.body),
                200,
              ),
          }),
        ]),
  ]
}

/** What stands for the name of an entry in a path. */
function variableOf({ noun }: Section): string {
  return noun.split(' ').at(-1) ?? noun
}
