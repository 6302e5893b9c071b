import { describe } from '@jest/globals'
import { onAda, patch } from './requests.ts'
import { check, patchOp, onEachEngine } from './stage.ts'

onEachEngine(() => {
  describe('a PATCH that cannot be done', () => {
    const fine = { op: 'replace', path: 'displayName', value: 'never stored' }
    check({
      'no Operations': { ...onAda({}, 'invalidSyntax', 'Operations'), body: { schemas: [patchOp] } },
      'Operations as a text': patch('/Users/{ours.ada}', 'replace', 'invalidSyntax', 'Operations'),
      'an operation that is a text': onAda('replace', 'invalidSyntax'),
      'no op': onAda({ path: 'displayName', value: 'x' }, 'invalidSyntax', 'op'),
      'an unknown op': onAda({ op: 'move', path: 'displayName', value: 'x' }, 'invalidSyntax', 'move'),
      'an op that is a number': onAda({ op: 1, path: 'displayName', value: 'x' }, 'invalidSyntax'),
      'a path that is a number': onAda({ op: 'replace', path: 1, value: 'x' }, 'invalidPath'),
      'add without a value': onAda({ op: 'add', path: 'displayName' }, 'invalidSyntax', 'value'),
      'remove without a path': onAda({ op: 'remove' }, 'noTarget', 'path'),
      'an unfinished path': onAda(
        { op: 'replace', path: 'emails[type eq "work"', value: 'x' },
        'invalidPath',
      ),
      'a path with a position': onAda(
        { op: 'replace', path: 'emails[0].value', value: 'x' },
        'invalidFilter',
      ),
      'a path with a broken filter': onAda(
        { op: 'replace', path: 'emails[type xx "work"].value', value: 'x' },
        'invalidFilter',
        'xx',
      ),
      'a path with U+0000': onAda(
        { op: 'replace', path: 'emails[type eq "\\u0000"].value', value: 'x@example.com' },
        'invalidFilter',
      ),
      'members by U+0000': patch(
        '/Groups/{ours.group}',
        [{ op: 'remove', path: 'members[value eq "\\u0000"]' }],
        'invalidFilter',
      ),
      'a filter that matches nobody': onAda(
        { op: 'replace', path: 'emails[value co "nobody"].display', value: 'x' },
        'noTarget',
      ),
      'a value of a wrong type': onAda(
        { op: 'replace', path: 'active', value: 'perhaps' },
        'invalidValue',
        'active',
        'perhaps',
      ),
      'a wrong value without a path': onAda(
        { op: 'replace', value: { displayName: 'x', active: 'perhaps' } },
        'invalidValue',
        'active',
      ),
      'no value for what is required': onAda(
        { op: 'replace', path: 'userName', value: '' },
        'invalidValue',
        'userName',
      ),
      'removing what is required': onAda({ op: 'remove', path: 'userName' }, 'mutability', 'userName'),
      'writing an id': onAda({ op: 'replace', path: 'id', value: 'x' }, 'mutability', 'id'),
      'writing meta': onAda(
        { op: 'replace', path: 'meta.created', value: '2020-01-01T00:00:00Z' },
        'mutability',
        'meta',
      ),
      'a good operation before a bad one': patch(
        '/Users/{ours.ada}',
        [fine, { op: 'replace', path: 'active', value: 7 }],
        'invalidValue',
        'active',
      ),
      'a good operation after a bad one': patch('/Users/{ours.ada}', [{ op: 'remove' }, fine], 'noTarget'),
      'members without ids that are known': patch(
        '/Groups/{ours.group}',
        [{ op: 'replace', path: 'members', value: [{ value: 'nobody' }] }],
        'invalidValue',
        'nobody',
      ),
      'the id of a member': patch(
        '/Groups/{ours.group}',
        [{ op: 'replace', path: 'members[value eq "{ours.ada}"].value', value: '{ours.ben}' }],
        'mutability',
        'members',
      ),
      'members by a broken filter': patch(
        '/Groups/{ours.group}',
        [{ op: 'remove', path: 'members[value xx "{ours.ada}"]' }],
        'invalidFilter',
      ),
      'a group without a name': patch(
        '/Groups/{ours.group}',
        [{ op: 'replace', path: 'displayName', value: null }],
        'invalidValue',
        'displayName',
      ),
    })
  })
})
