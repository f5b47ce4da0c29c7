import { describe, expect, it } from 'vitest'
import { compileCheck, PolicySyntaxError } from '../../src/api/policy/language.js'

const scope = {
  credentials: {
    roles: ['Admin', 'reader'],
    values: { project_id: 'p1', system_scope: 'all', user_id: null, is_public_api: true },
  },
  target: { 'node.owner': 'p1', 'node.lessee': null, literal: 'x' },
  rule: (name: string) => name === 'yes',
}

describe('policy checks', () => {
  it.each([
    ['', true],
    ['@', true],
    ['!', false],
    ['role:admin', true],
    ['role:member', false],
    ['rule:yes', true],
    ['rule:no', false],
    ['project_id:%(node.owner)s', true],
    ['project_id:%(node.lessee)s', false],
    ['user_id:%(node.lessee)s', true],
    ['project_id:%(absent)s', false],
    ['absent:%(node.lessee)s', false],
    ["'x':%(literal)s", true],
    ["'y':%(literal)s", false],
    ['is_public_api:True', true],
    ['system_scope:all', true],
    ['role:admin and system_scope:all', true],
    ['role:member or (role:reader and rule:yes)', true],
    ['not role:admin', false],
    ['not role:member and role:admin', true],
    ['role:member or role:absent and rule:yes', false],
    ['(role:member or role:admin) and rule:no', false],
  ])('%s is %s', (text, expected) => {
    expect(compileCheck(text)(scope)).toBe(expected)
  })

  it.each(['role', 'role:a and', '(role:a', 'or', 'role:a role:b', ')'])(
    '%s is refused',
    (text) => {
      expect(() => compileCheck(text)).toThrow(PolicySyntaxError)
    },
  )
})
