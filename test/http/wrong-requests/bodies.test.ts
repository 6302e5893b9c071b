import { gzipSync } from 'node:zlib'
import { describe } from '@jest/globals'
import { bad, named, onAda } from './requests.ts'
import { check, enterprise, group, json, patchOp, onEachEngine, user } from './stage.ts'

const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`

onEachEngine(() => {
  describe('a body that cannot be read', () => {
    check({
      'HTTP-11 malformed JSON': bad('{"schemas": ["x"], "userName": ', 'invalidSyntax'),
      'malformed JSON in a PATCH': { ...onAda({}, 'invalidSyntax'), body: '{"Operations": [' },
      'HTTP-11 no body at all': bad(undefined, 'invalidSyntax'),
      'an empty body': bad('', 'invalidSyntax'),
      'HTTP-11 a list': bad([], 'invalidSyntax'),
      'a text': bad('"ada"', 'invalidSyntax'),
      'a number': bad('7', 'invalidSyntax'),
      null: bad('null', 'invalidSyntax'),
      'HTTP-01 bytes that are no UTF-8': bad(
        Buffer.from([...Buffer.from('{"userName":"'), 0xff, 0xfe, ...Buffer.from('"}')]),
        'invalidSyntax',
      ),
      'an object in the place of a URN, which cannot become a text': {
        ...bad('{"schemas":[{"toString":1,"valueOf":1}]}', 'invalidSyntax', 'SearchRequest'),
        send: 'POST /Users/.search',
      },
      'nested 20 000 deep': bad(
        `{"schemas":["${user}"],"userName":"new@example.com","name":${deep}}`,
        'invalidSyntax',
      ),
      'nested 20 000 deep in a PATCH': {
        ...onAda({}, 'invalidSyntax'),
        body: `{"schemas":["${patchOp}"],"Operations":[{"op":"add","path":"emails","value":${deep}}]}`,
      },
      'HTTP-04 plain text': {
        ...bad('hello', ''),
        headers: { 'Content-Type': 'text/plain' },
        status: 415,
        scimType: '',
        says: ['text/plain'],
      },
      'a form': {
        ...bad('userName=ada', ''),
        headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
        status: 415,
        scimType: '',
      },
      XML: {
        ...bad('<user/>', ''),
        headers: { 'Content-Type': 'application/xml' },
        status: 415,
        scimType: '',
      },
      'no media type': { ...bad('{}', ''), headers: { 'Content-Type': null }, status: 415, scimType: '' },
      'HTTP-01 another character set': {
        ...bad('{}', ''),
        headers: { 'Content-Type': 'application/json; charset=iso-8859-1' },
        status: 415,
        scimType: '',
      },
      'an unknown compression': {
        ...bad('{}', ''),
        headers: { ...json, 'Content-Encoding': 'zip' },
        status: 415,
        scimType: '',
      },
      'something broken that calls itself gzip': {
        ...bad('{}', 'invalidSyntax'),
        headers: { ...json, 'Content-Encoding': 'gzip' },
      },
      '17 MiB in chunks': {
        ...bad(`{"userName":"${'a'.repeat(17 * 1024 ** 2)}"}`, ''),
        headers: { ...json, 'Transfer-Encoding': 'chunked' },
        status: 413,
        scimType: '',
      },
      'a few bytes that unpack to 64 MiB': {
        ...bad(gzipSync(Buffer.alloc(64 * 1024 ** 2)), ''),
        headers: { ...json, 'Content-Encoding': 'gzip' },
        status: 413,
        scimType: '',
      },
      'HTTP-10 17 MiB': {
        ...bad(`{"userName":"${'a'.repeat(17 * 1024 ** 2)}"}`, ''),
        status: 413,
        scimType: '',
        says: ['16777216'],
      },
    })
  })

  describe('a resource that is not as its schema says', () => {
    check({
      'no userName': bad({ schemas: [user] }, 'invalidValue', 'userName'),
      'USR-01 an empty userName': bad(named({ userName: '' }), 'invalidValue', 'userName'),
      'a blank userName': bad(named({ userName: ' \t ' }), 'invalidValue', '`userName` is required'),
      'userName null': bad(named({ userName: null }), 'invalidValue', 'userName'),
      'userName as an object': bad(named({ userName: {} }), 'invalidValue', 'userName'),
      'userName as true': bad(named({ userName: true }), 'invalidValue', 'userName'),
      'SCH-06 active as a word': bad(named({ active: 'perhaps' }), 'invalidValue', 'active', 'perhaps'),
      'active as a number': bad(named({ active: 1 }), 'invalidValue', 'active'),
      'name as a text': bad(named({ name: 'Ada Berg' }), 'invalidValue', 'name'),
      'name.givenName as an object': bad(
        named({ name: { givenName: {} } }),
        'invalidValue',
        'name.givenName',
      ),
      'emails as a number': bad(named({ emails: true }), 'invalidValue', 'emails'),
      'emails of emails': bad(
        named({ emails: [[{ value: 'a' }, { value: 'b' }]] }),
        'invalidValue',
        'emails',
      ),
      'an extension as a text': bad(named({ [enterprise]: 'Retail' }), 'invalidValue', enterprise),
      'an extension attribute of a wrong type': bad(
        named({ [enterprise]: { department: {} } }),
        'invalidValue',
        'department',
      ),
      'HTTP-01 U+0000 in a text': bad(named({ displayName: 'a\u0000b' }), 'invalidValue', 'displayName'),
      'HTTP-01 half a surrogate pair': bad(
        `{"schemas":["${user}"],"userName":"new\\ud800@example.com"}`,
        'invalidValue',
        'userName',
      ),
      'SCH-03 one attribute under two names': bad(
        `{"schemas":["${user}"],"userName":"new@example.com","USERNAME":"other@example.com"}`,
        'invalidSyntax',
        'USERNAME',
      ),
      'one sub-attribute under two names': bad(
        named({ name: { givenName: 'Ada', GivenName: 'Ida' } }),
        'invalidSyntax',
        'GivenName',
      ),
      'an extension under two names': bad(
        named({ [enterprise]: { department: 'A' }, [enterprise.toUpperCase()]: { department: 'B' } }),
        'invalidSyntax',
      ),
      'USR-17 a group without a name': {
        ...bad({ schemas: [group] }, 'invalidValue', 'displayName'),
        send: 'POST /Groups',
      },
      'a group with an empty name': {
        ...bad({ schemas: [group], displayName: '' }, 'invalidValue', 'displayName'),
        send: 'POST /Groups',
      },
      'a group with a blank name': {
        ...bad({ schemas: [group], displayName: '  ' }, 'invalidValue', '`displayName` is required'),
        send: 'POST /Groups',
      },
      'PUT of a blank userName': {
        ...bad(named({ userName: '  ' }), 'invalidValue', '`userName` is required'),
        send: 'PUT /Users/{ours.ada}',
      },
      'PATCH of a blank userName': onAda(
        { op: 'replace', path: 'userName', value: '  ' },
        'invalidValue',
        '`userName` is required',
      ),
      'members as a number': {
        ...bad({ schemas: [group], displayName: 'New', members: 7 }, 'invalidValue', 'member'),
        send: 'POST /Groups',
      },
      'PUT-07 PUT without userName': {
        ...bad({ schemas: [user], displayName: 'Ada' }, 'invalidValue', 'userName'),
        send: 'PUT /Users/{ours.ada}',
      },
      'RES-11 PUT of another id': {
        ...bad(named({ id: '{ours.ben}', userName: 'ada@example.com' }), 'invalidValue', 'id'),
        send: 'PUT /Users/{ours.ada}',
      },
      'CRT-04 USR-01 a user name that is taken, in another case': {
        ...bad(named({ userName: 'ADA@example.com' }), 'uniqueness', 'userName', 'ADA@example.com'),
        status: 409,
      },
      'PUT-07 PUT of a user name that is taken': {
        ...bad(named({ userName: 'Ben@Example.com' }), 'uniqueness', 'userName'),
        send: 'PUT /Users/{ours.ada}',
        status: 409,
      },
      'HTTP-09 PATCH of a user name that is taken': {
        ...onAda({ op: 'replace', path: 'userName', value: 'BEN@example.com' }, 'uniqueness', 'userName'),
        status: 409,
      },
    })
  })
})
