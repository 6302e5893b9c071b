import {
  access,
  accessQuery,
  answer,
  answers,
  assignmentQuery,
  assignments,
  embeddedQuestion,
  questionQuery,
  questions,
} from '../../../schemas/messages.ts'
import { accessOf, listAssignments } from '../../provision/access.ts'
import { resolve, resolveMany } from '../../provision/resolve.ts'
import { resolveEmbedded } from '../../provision/resolve-embedded.ts'
import { JSON_TYPE, json } from '../reply.ts'
import { endpoint } from './endpoint.ts'

export const resolveEndpoints = [
  endpoint({
    method: 'get',
    path: '/resolve',
    scopes: ['read', 'admin'],
    summary: 'As which role, in which environment, do this person’s queries run, and why?',
    query: questionQuery,
    answer: {
      status: 200,
      description: 'The decision with its reasons; an unknown person is a deny',
      schema: answer,
    },
    handle: async ({ ctx, query }) => ({ status: 200, type: JSON_TYPE, body: await resolve(ctx, query) }),
  }),
  endpoint({
    method: 'post',
    path: '/resolve',
    scopes: ['read', 'admin'],
    summary: 'Many questions at once, answered from one state',
    body: questions,
    answer: { status: 200, description: 'One answer per question, in their order', schema: answers },
    handle: async ({ ctx, body }) => ({
      status: 200,
      type: JSON_TYPE,
      body: await resolveMany(ctx, body.questions),
    }),
  }),
  endpoint({
    method: 'post',
    path: '/resolve/embedded',
    scopes: ['read', 'admin'],
    summary: 'The same for somebody whom an application embeds, by the roles and values that it gives',
    body: embeddedQuestion,
    answer: {
      status: 200,
      description: 'The decision with its reasons; base roles do not count',
      schema: answer,
    },
    handle: async ({ ctx, body }) => json(200, await resolveEmbedded(ctx, body)),
  }),
  endpoint({
    method: 'get',
    path: '/users/{id}/access',
    scopes: ['read', 'admin'],
    summary: 'Everything that one person has',
    query: accessQuery,
    answer: { status: 200, description: 'The decision on every connection', schema: access },
    handle: async ({ ctx, path, query }) => json(200, await accessOf(ctx, path['id'] ?? '', query)),
  }),
  endpoint({
    method: 'get',
    path: '/assignments',
    scopes: ['read', 'admin'],
    summary: 'Who has a role, a value, an environment, a state',
    query: assignmentQuery,
    answer: { status: 200, description: 'One entry per person and connection', schema: assignments },
    handle: async ({ ctx, query }) => json(200, await listAssignments(ctx, query)),
  }),
]
