/** Which files hold an operator's rules, and what may stand in them. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadPolicyFiles } from '../../src/api/policy/file.js'
import { defaultConfig } from '../../src/config/index.js'

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'ferric-policy-files-'))
  mkdirSync(join(home, 'policy.d'))
})
afterEach(() => rmSync(home, { recursive: true }))

function load(files: Record<string, string>) {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(home, name), text)
  const places = { policy_file: join(home, 'policy.yaml'), policy_dirs: [join(home, 'policy.d')] }
  return loadPolicyFiles(defaultConfig({ oslo_policy: places }).oslo_policy)
}

describe('policy files', () => {
  it('are the main one and, by name, those of the directory, whatever they are called', () => {
    mkdirSync(join(home, 'policy.d', 'a-directory'))
    const rules = load({
      'policy.yaml': 'a: "main"\nb: "main"\nc: "main"\n',
      'policy.d/20-more': 'b: "20"\nc: "20"\n',
      'policy.d/30.json': '{"c": "30"}',
      'policy.d/.30.json.swp': 'c: "hidden"\n',
      'policy.d/empty.yaml': '',
    })
    expect(rules).toEqual({ a: 'main', b: '20', c: '30' })
  })

  it('may hold the old lists, and need not be there', () => {
    expect(load({ 'policy.d/old': 'a: [["role:x", "role:y"], "role:z"]\nb: []\n' })).toEqual({
      a: [['role:x', 'role:y'], 'role:z'],
      b: [],
    })
  })

  it.each([
    ['- a', 'policy.yaml is not a mapping of rules to checks'],
    ['a: 1', 'policy.yaml: the check of a is neither text nor a list'],
    ['a: [[1]]', 'policy.yaml: the check of a is neither text nor a list'],
    ['a: { b: c }', 'policy.yaml: the check of a is neither text nor a list'],
  ])('with %j stop the start', (text, said) => {
    expect(() => load({ 'policy.yaml': text })).toThrow(said)
  })
})
