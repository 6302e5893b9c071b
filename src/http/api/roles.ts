import {
  changeOf,
  checkedRole,
  edited,
  editQuery,
  permissionTree,
  settings,
} from '../../../schemas/messages/edits.ts'
import { PERMISSIONS } from '../../../schemas/roles.ts'
import { checkRole, duplicateRole } from '../../provision/edit/roles.ts'
import { sectionOf } from '../../provision/edit/sections.ts'
import { json } from '../reply.ts'
import { makeEdit } from './edit.ts'
import { endpoint } from './endpoint.ts'

/** What roles have besides what every section has. */
export const roleEndpoints = [
  endpoint({
    method: 'get',
    path: '/permissions',
    scopes: ['read', 'admin'],
    summary: 'The tree of permissions that roles are made of',
    answer: { status: 200, description: 'Tier by tier, parents first', schema: permissionTree },
    handle: async () => json(200, { permissions: PERMISSIONS }),
  }),
  endpoint({
    method: 'post',
    path: '/roles/check',
    scopes: ['admin'],
    summary: 'Tell what a role amounts to before it is one',
    body: settings,
    bodySchema: changeOf(sectionOf('roles').schema),
    answer: {
      status: 200,
      description: 'Its resolved role, its exceptions, and what keeps it from being a role',
      schema: checkedRole,
    },
    handle: async ({ body }) => json(200, checkRole(body)),
  }),
  endpoint({
    method: 'post',
    path: '/roles/{role}/duplicate',
    scopes: ['admin'],
    summary: 'Add a role that is like another one, base roles included',
    query: editQuery,
    body: settings,
    bodySchema: changeOf(sectionOf('roles').schema),
    conditional: true,
    answer: { status: 201, description: 'The copy, with what was sent laid over it', schema: edited },
    handle: (call) =>
      makeEdit(call, (document) => duplicateRole(document, call.path['role'] ?? '', call.body), 201),
  }),
]
