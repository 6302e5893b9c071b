import {
  acknowledgement,
  alarm,
  alarmQuery,
  alarms,
  heldPeople,
  heldQuery,
  refusedPeople,
  refusedQuery,
  verdict,
} from '../../../schemas/messages/guard.ts'
import { acknowledgeAlarm, listAlarms } from '../../provision/alarms.ts'
import { listHeld, reject, release } from '../../provision/held.ts'
import { listRefused } from '../../provision/refused.ts'
import { json } from '../reply.ts'
import { endpoint } from './endpoint.ts'

export const guardEndpoints = [
  endpoint({
    method: 'get',
    path: '/alarms',
    scopes: ['read', 'admin'],
    summary: 'List what administrators were told',
    query: alarmQuery,
    answer: { status: 200, description: 'Alarms, the newest first', schema: alarms },
    handle: async ({ ctx, query }) => json(200, await listAlarms(ctx, query)),
  }),
  endpoint({
    method: 'post',
    path: '/alarms/{id}/acknowledge',
    scopes: ['admin'],
    summary: 'Note that an alarm was seen',
    body: acknowledgement,
    answer: { status: 200, description: 'The alarm as it is now', schema: alarm },
    handle: async ({ ctx, principal, requestId, path, body }) =>
      json(200, await acknowledgeAlarm(ctx, { actor: principal.actor, requestId }, path['id'] ?? '', body)),
  }),
  endpoint({
    method: 'get',
    path: '/held',
    scopes: ['read', 'admin'],
    summary: 'List whose access stays as it was',
    query: heldQuery,
    answer: { status: 200, description: 'People, in the order in which they came', schema: heldPeople },
    handle: async ({ ctx, query }) => json(200, await listHeld(ctx, query)),
  }),
  endpoint({
    method: 'get',
    path: '/refused',
    scopes: ['read', 'admin'],
    summary: 'List what directories may not hand out and would',
    query: refusedQuery,
    answer: {
      status: 200,
      description: 'People in the order in which they were created, with all that they are refused',
      schema: refusedPeople,
    },
    handle: async ({ ctx, query }) => json(200, await listRefused(ctx, query)),
  }),
  ...(
    [
      ['release', release, 'Let what a directory says take effect for those who are held'],
      ['reject', reject, 'Let those who are held keep what they have'],
    ] as const
  ).map(([name, decide, summary]) =>
    endpoint({
      method: 'post',
      path: `/alarms/{id}/${name}`,
      scopes: ['admin'],
      summary,
      body: verdict,
      answer: { status: 200, description: 'The alarm as it is now', schema: alarm },
      handle: async ({ ctx, principal, requestId, path, body }) =>
        json(200, await decide(ctx, { actor: principal.actor, requestId }, path['id'] ?? '', body)),
    }),
  ),
]
