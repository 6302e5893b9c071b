import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { conversations } from '../../src/cli/doctor/conversations/index.ts'
import { examine } from '../../src/cli/doctor/doctor.ts'
import type { Failure, Played } from '../../src/cli/doctor/play.ts'
import { addDirectory, administer } from '../support/admin.ts'
import { engines } from '../support/engines.ts'
import { startServer } from '../support/server.ts'
import type { TestServer } from '../support/server.ts'

describe('the conversations', () => {
  it('have names of their own, and steps that no two scenes share by accident', () => {
    expect(new Set(conversations.map(({ name }) => name)).size).toBe(conversations.length)
    for (const { scenes } of conversations)
      expect(new Set(scenes.map(({ name }) => name)).size).toBe(scenes.length)
  })
})

describe.each(engines)('played on %s', (engine) => {
  let server: TestServer
  const heard: Played[] = []

  beforeAll(async () => {
    server = await startServer({ engine })
  })

  afterAll(async () => {
    await server?.stop()
    const steps = heard.reduce((sum, { passed }) => sum + passed, 0)
    const requests = heard.reduce((sum, one) => sum + one.requests, 0)
    process.stdout.write(
      `${engine}: ${heard.length} conversations, ${steps} steps passed in ${requests} requests\n`,
    )
  })

  it.each(conversations)(
    'all that $title needs is answered, and nothing is left behind',
    async (conversation) => {
      const { id, token } = await addDirectory(server, conversation.name)
      const [played] = await examine({
        url: `${server.url}/scim/v2`,
        token,
        conversations: [conversation],
      })
      if (!played) throw new Error('nothing was played')
      heard.push(played)
      expect(played.failures.map(tell)).toEqual([])
      expect(played.skipped).toEqual([])
      expect(played.left).toEqual([])
      const { directories } = await administer<{
        directories: { name: string; users: number; groups: number }[]
      }>(server, 'GET', '/status')
      expect([id, directories.find(({ name }) => name === conversation.name)]).toMatchObject([
        id,
        { users: 0, groups: 0 },
      ])
    },
    60_000,
  )
})

const tell = ({ scene, does, faults, exchanges }: Failure): object => ({
  where: `${scene}: ${does}`,
  faults,
  exchanges: exchanges.map(({ request, answer }) => [
    `${request.method} ${request.path}`,
    request.body,
    answer?.status,
    answer?.text.slice(0, 1000),
  ]),
})
