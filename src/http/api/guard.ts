import { acknowledgement, alarm, alarmQuery, alarms } from '../../../schemas/messages/guard.ts'
import { acknowledgeAlarm, listAlarms } from '../../provision/alarms.ts'
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
]
