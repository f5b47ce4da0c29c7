import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { main } from '../../src/cli/main.js'

let home: string
let conf: string

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'ferric-policy-'))
  conf = join(home, 'ironic.conf')
  const policy = join(home, 'policy.yaml')
  const principals = join(home, 'principals.yaml')
  writeFileSync(policy, '"baremetal:chassis:get": "role:visitor"\n"mine:extra": "@"\n')
  writeFileSync(principals, 'users:\n  alice: { project_id: p1, roles: [member] }\n')
  const text = `[oslo_policy]\npolicy_file = ${policy}\n[ferric]\nprincipals_file = ${principals}\n`
  writeFileSync(conf, text)
})
afterAll(() => rmSync(home, { recursive: true }))

async function policy(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ['', '']
  const terminal = {
    out: (text: string) => void (out += text),
    err: (text: string) => void (err += text),
  }
  const code = await main(['policy', ...words, '--config-file', conf], {}, terminal)
  return { code, out, err }
}

describe('ferric policy list', () => {
  it('prints every rule with its origin', async () => {
    const { code, out } = await policy('list')
    expect(code).toBe(0)
    expect(out.match(/^"baremetal:/gm)?.length).toBeGreaterThan(110)
    expect(out).toContain('# policy file; system\n"baremetal:chassis:get": "role:visitor"\n')
    expect(out).toContain('# policy file; any scope\n"mine:extra": "@"\n')
    expect(out).toContain('# default; any scope\n"show_password": "!"\n')
  })
})

describe('ferric policy check', () => {
  const owned = ['--target', 'node.owner=p1']
  const foreign = ['--target', 'node.owner=p2']

  it.each([
    [
      'a system admin creates nodes',
      ['baremetal:node:create', '--role', 'admin', '--system'],
      0,
      'allowed: baremetal:node:create',
    ],
    [
      'an owner without the role',
      ['baremetal:node:update', '--role', 'reader', '--project', 'p1', ...owned],
      1,
      'denied: baremetal:node:update, answered 403',
    ],
    [
      "somebody else's machine",
      ['baremetal:node:update', '--role', 'admin', '--project', 'p1', ...foreign],
      1,
      'denied: baremetal:node:update, answered 404: the node may not be seen',
    ],
    [
      'a user of the principals file',
      ['baremetal:node:get', '--user', 'alice', ...owned],
      0,
      'allowed: baremetal:node:get',
    ],
    [
      'a rule of the policy file',
      ['baremetal:chassis:get', '--role', 'visitor', '--system'],
      0,
      'allowed: baremetal:chassis:get',
    ],
    [
      'a token of the wrong scope',
      ['baremetal:chassis:get', '--role', 'visitor', '--project', 'p1'],
      1,
      'denied: baremetal:chassis:get takes a token of system scope, not project',
    ],
  ])('%s', async (_scenario, words, code, verdict) => {
    const answer = await policy('check', ...words)
    expect([answer.code, answer.out.split('\n')[0]]).toEqual([code, verdict])
  })

  it('says why', async () => {
    const words = ['baremetal:node:update', '--role', 'reader', '--project', 'p1', ...owned]
    const { out } = await policy('check', ...words)
    expect(out).toContain('  no  any of\n')
    expect(out).toMatch(/^ {2}yes +project_id:%\(node\.owner\)s$/m)
    expect(out).toMatch(/^ {2}no +role:member$/m)
  })

  it.each([
    [['check', 'no:such:rule'], 1, 'There is no rule no:such:rule'],
    [['check', 'baremetal:node:get', '--user', 'eve'], 1, 'does not name eve'],
    [['check'], 2, 'needs the name of a rule'],
    [['grant'], 2, 'policy takes list, or check'],
    [['list', 'more'], 2, "What is 'more'?"],
  ])('refuses %j', async (words, code, text) => {
    const answer = await policy(...words)
    expect(answer.code).toBe(code)
    expect(answer.err).toContain(text)
  })

  it('its options belong to it alone', async () => {
    let err = ''
    const terminal = { out: () => undefined, err: (text: string) => void (err += text) }
    expect(await main(['serve', '--role', 'admin'], {}, terminal)).toBe(2)
    expect(err).toContain('--role goes with policy only')
  })
})
