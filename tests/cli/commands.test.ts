import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { main } from '../../src/cli/main.js'
import { loadConfig } from '../../src/config/load.js'
import { emptyDatabase } from '../_util/database.js'

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'ferric-cli-'))
})
afterEach(() => rmSync(home, { recursive: true }))

function file(text: string, name = 'ironic.conf'): string {
  const path = join(home, name)
  writeFileSync(path, text)
  return path
}

async function ferric(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ['', '']
  const terminal = {
    out: (text: string) => void (out += text),
    err: (text: string) => void (err += text),
  }
  const code = await main(argv, {}, terminal)
  return { code, out, err }
}

describe('ferric config', () => {
  it('prints values with their origins and masks secrets', async () => {
    const path = file('[api]\nport = 7\n[database]\nconnection = postgresql://u:hunter2@h/d\n')
    const { code, out } = await ferric('config', '--config-file', path, '--set', 'api.max_limit=9')
    expect(code).toBe(0)
    expect(out).toContain(`# ${path}:2\nport = 7\n`)
    expect(out).toContain('# flag --set api.max_limit\nmax_limit = 9\n')
    expect(out).toContain('# default\nhost_ip = 127.0.0.1\n')
    expect(out).toContain(`# ${path}:4\nconnection = ******\n`)
    expect(out).not.toContain('hunter2')
  })

  it('prints a file that reads back as the same configuration', async () => {
    const text = '[DEFAULT]\nhost = a$$b\n[conductor]\nclean_step_priority_override = a.b:1,c.d:2\n'
    const path = file(text)
    const { out } = await ferric('config', '--config-file', path)
    const again = loadConfig({ configFiles: [file(out, 'printed.conf')] })
    expect(again.config).toEqual(loadConfig({ configFiles: [path] }).config)
    expect(again.config.DEFAULT.host).toBe('a$b')
    expect(again.warnings).toEqual([])
  })
})

describe('what ends a command early', () => {
  it.each([
    [
      ['serve', '--set', 'api.port=x', '--set', 'api.max_limit=y'],
      3,
      ['[api] port', '[api] max_limit'],
    ],
    [['nothing'], 2, ["no command 'nothing'"]],
    [['migrate', '--set', 'database.connection=sqlite:///x'], 1, ['sqlite URL is not supported']],
  ])('%j exits with %i and says why', async (argv, expected, said) => {
    const { code, err } = await ferric(...argv, '--config-file', file(''))
    expect(code).toBe(expected)
    for (const text of said) expect(err).toContain(text)
  })

  it('serve exits with 3 where Keystone is the default and has no address', async () => {
    await using database = await emptyDatabase()
    const connection = `database.connection=${database.url}`
    const { code, err } = await ferric('serve', '--set', connection, '--config-file', file(''))
    expect(code).toBe(3)
    expect(err).toContain('[keystone_authtoken] auth_url')
  })

  it('warns about options without effect and goes on', async () => {
    const { code, err } = await ferric('config', '--config-file', file('[api]\nprot = 1\n'))
    expect(code).toBe(0)
    expect(err).toMatch(/^Warning: .*unknown, check the spelling: \[api\] prot/)
  })
})

describe('ferric doctor', () => {
  it('runs every check and names those that fail', async () => {
    const taken = createServer()
    await new Promise<void>((resolve) => {
      taken.listen(0, '127.0.0.1', resolve)
    })
    const { port } = taken.address() as AddressInfo
    const { code, out } = await ferric(
      'doctor',
      '--config-file',
      file(`
[DEFAULT]
state_path = ${home}/state
[api]
port = ${port}
[database]
connection = postgresql://u:hunter2@127.0.0.1:1/d
[ferric]
queue_url = redis://:hunter3@127.0.0.1:1
`),
    )
    taken.close()
    expect(code).toBe(1)
    const lines = out.split('\n')
    expect(lines[0]).toBe(`ok      configuration: ${home}/ironic.conf`)
    expect(lines[1]).toBe(`ok      state path: ${home}/state`)
    expect(lines[2]).toMatch(/^FAILED {2}database: Cannot connect to postgresql:\/\/127.0.0.1:1\/d/)
    expect(lines[3]).toMatch(/^FAILED {2}queue: .*ECONNREFUSED/)
    expect(lines[4]).toMatch(/^FAILED {2}API port: .*EADDRINUSE/)
    expect(out).not.toContain('hunter')
  })
})
