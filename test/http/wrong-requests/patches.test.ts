import { describe } from '@jest/globals'
import { onAda, patch } from './requests.ts'
import { check, patchOp, onEachEngine } from './stage.ts'

onEachEngine(() => {
  describe('a PATCH that cannot be done', () => {
    const fine = { op: 'replace', path: 'displayName', value: 'never stored' }
    check({
      'PAT-02 no Operations': { ...onAda({}, 'invalidSyntax', 'Operations'), body: { schemas: [patchOp] } },
      'Operations as a text': patch('/Users/{ours.ada}', 'replace', 'invalidSyntax', 'Operations'),
      'an operation that is a text': onAda('replace', 'invalidSyntax'),
      'PAT-03 no op': onAda({ path: 'displayName', value: 'x' }, 'invalidSyntax', 'op'),
      'PAT-03 an unknown op': onAda({ op: 'move', path: 'displayName', value: 'x' }, 'invalidSyntax', 'move'),
      'an op that is a number': onAda({ op: 1, path: 'displayName', value: 'x' }, 'invalidSyntax'),
      'a path that is a number': onAda({ op: 'replace', path: 1, value: 'x' }, 'invalidPath'),
      'PAT-13 add without a value': onAda({ op: 'add', path: 'displayName' }, 'invalidSyntax', 'value'),
      'PAT-18 remove without a path': onAda({ op: 'remove' }, 'noTarget', 'path'),
      'PAT-04 an unfinished path': onAda(
        { op: 'replace', path: 'emails[type eq "work"', value: 'x' },
        'invalidPath',
      ),
      'PAT-04 a path with a position': onAda(
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
      'PAT-26 a filter that matches nobody': onAda(
        { op: 'replace', path: 'emails[value co "nobody"].display', value: 'x' },
        'noTarget',
      ),
      'PAT-09 a value of a wrong type': onAda(
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
      'PAT-20 removing what is required': onAda({ op: 'remove', path: 'userName' }, 'mutability', 'userName'),
      'PAT-08 writing an id': onAda({ op: 'replace', path: 'id', value: 'x' }, 'mutability', 'id'),
      'RES-16 writing meta': onAda(
        { op: 'replace', path: 'meta.created', value: '2020-01-01T00:00:00Z' },
        'mutability',
        'meta',
      ),
      'PAT-07 a good operation before a bad one': patch(
        '/Users/{ours.ada}',
        [fine, { op: 'replace', path: 'active', value: 7 }],
        'invalidValue',
        'active',
      ),
      'a good operation after a bad one': patch('/Users/{ours.ada}', [{ op: 'remove' }, fine], 'noTarget'),
      'USR-18 members without ids that are known': patch(
        '/Groups/{ours.group}',
        [{ op: 'replace', path: 'members', value: [{ value: 'nobody' }] }],
        'invalidValue',
        'nobody',
      ),
      'USR-19 the id of a member': patch(
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
