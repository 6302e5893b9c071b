import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, it } from '@jest/globals'
import { endpoints } from '../../src/http/api/router.ts'
import { describeApi } from '../../src/http/openapi.ts'

it('describes the administration interface in valid OpenAPI', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'signalbox-openapi-'))
  const file = path.join(folder, 'openapi.json')
  writeFileSync(file, JSON.stringify(describeApi(endpoints, 'https://scim.acme.test')))
  const lint = () =>
    execFileSync(process.execPath, ['node_modules/@redocly/cli/bin/cli.js', 'lint', '--format=json', file], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'], REDOCLY_TELEMETRY: 'off', CI: 'true' },
    })
  expect(JSON.parse(lint())).toMatchObject({ totals: { errors: 0, warnings: 0 } })
  rmSync(folder, { recursive: true })
})

it('describes what is read of the configuration as it is sent: defaults may be left out', () => {
  const { paths } = describeApi(endpoints, 'https://scim.acme.test') as {
    paths: Record<
      string,
      { get: { responses: Record<string, { content: Record<string, { schema: Form }> }> } }
    >
  }
  const formOf = (path: string) => paths[path]?.get.responses['200']?.content['application/json']?.schema
  const exported = formOf('/export')
  expect(exported?.required).toBeUndefined()
  expect(exported?.properties['roles']?.items?.required).toEqual(['name', 'displayName'])
  expect(formOf('/roles/{role}')?.properties['entry']).toEqual(exported?.properties['roles']?.items)
})

interface Form {
  readonly required?: readonly string[]
  readonly properties: Readonly<Record<string, Form>>
  readonly items?: Form
}
