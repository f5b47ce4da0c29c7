import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ConfigError } from '../../src/config/errors.js'
import { loadConfig } from '../../src/config/load.js'
import type { ConfigInput, LoadedConfig } from '../../src/config/load.js'

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'ferric-config-'))
})
afterEach(() => rmSync(home, { recursive: true }))

function write(text: string, name = 'test.conf'): string {
  const path = join(home, name)
  writeFileSync(path, text)
  return path
}

function load(text: string, rest: ConfigInput = {}): LoadedConfig {
  return loadConfig({ home, configFiles: [write(text)], ...rest })
}

function problemsOf(text: string, rest: ConfigInput = {}): readonly string[] {
  try {
    load(text, rest)
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

describe('where values come from', () => {
  it('takes flags over the environment over files over defaults, and knows the origin', () => {
    const { config, origins } = load(
      '[api]\nport = 1\nmax_limit = 2\n[conductor]\nheartbeat_interval = 3',
      {
        env: { OS_API__PORT: '11', OS_API__MAX_LIMIT: '12', OS_AUTH_URL: 'http://x' },
        flags: ['api.port=21', 'host=me'],
      },
    )
    expect(config.api.port).toBe(21)
    expect(config.api.max_limit).toBe(12)
    expect(config.conductor.heartbeat_interval).toBe(3)
    expect(config.conductor.heartbeat_timeout).toBe(60)
    expect(config.DEFAULT.host).toBe('me')
    expect(origins.get('api.port')).toEqual({ kind: 'flag', flag: '--set api.port' })
    expect(origins.get('api.max_limit')).toEqual({
      kind: 'environment',
      variable: 'OS_API__MAX_LIMIT',
    })
    expect(origins.get('conductor.heartbeat_interval')).toMatchObject({ kind: 'file', line: 5 })
    expect(origins.get('conductor.heartbeat_timeout')).toEqual({ kind: 'default' })
  })

  it('lets later files win', () => {
    const configFiles = [
      write('[api]\nport=1\nmax_limit=5', 'a.conf'),
      write('[api]\nport=2', 'b.conf'),
    ]
    const { config } = loadConfig({ home, configFiles })
    expect([config.api.port, config.api.max_limit]).toEqual([2, 5])
  })

  it('reads *.conf of a directory by name', () => {
    write('[api]\nport=2', '20.conf')
    write('[api]\nport=1', '10.conf')
    write('[api]\nport=9', '30.txt')
    expect(loadConfig({ home, configDirs: [home] }).config.api.port).toBe(2)
  })

  it('reads the usual file only when none is named', () => {
    write('[api]\nport=77', 'ironic.conf')
    expect(loadConfig({ home }).config.api.port).toBe(77)
    expect(load('[api]\nmax_limit=1').config.api.port).toBe(6385)
  })

  it('says which file cannot be read', () => {
    expect(() => loadConfig({ configFiles: ['/nowhere.conf'] })).toThrow(
      '/nowhere.conf: cannot be read (ENOENT)',
    )
  })
})

describe('the default of auth_strategy', () => {
  const strategyOf = (input: ConfigInput): string =>
    loadConfig({ home, ...input }).config.DEFAULT.auth_strategy

  it('is noauth without any configuration', () => {
    expect(strategyOf({ env: { OS_AUTH_URL: 'http://x' } })).toBe('noauth')
  })

  it.each<[string, () => ConfigInput]>([
    ['an empty file', () => ({ configFiles: [write('')] })],
    ['the usual file', () => (write('[api]\nport=77', 'ironic.conf'), {})],
    ['a directory', () => (write('[api]\nport=77'), { configDirs: [home] })],
    ['an environment variable', () => ({ env: { OS_API__PORT: '77' } })],
    ['a flag', () => ({ flags: ['api.port=77'] })],
    [
      'the file of Kolla-Ansible',
      () => ({ configFiles: [write('[keystone_authtoken]\nauth_url=http://k:5000\nusername=i')] }),
    ],
  ])('is keystone with %s', (_scenario, prepare) => {
    expect(strategyOf(prepare())).toBe('keystone')
  })

  it('gives way to noauth where it is written, with a warning beside Keystone', () => {
    const { config, warnings } = load(
      '[DEFAULT]\nauth_strategy=noauth\n[keystone_authtoken]\nauth_url=http://k:5000',
    )
    expect(config.DEFAULT.auth_strategy).toBe('noauth')
    expect(warnings).toEqual([expect.stringContaining('[keystone_authtoken] is not used')])
  })
})

describe('deprecated names', () => {
  const older = '[DEFAULT]\ngraceful_shutdown_timeout = 7\n'

  it('still set the option', () => {
    const { config, warnings, origins } = load(older)
    expect(config.conductor.graceful_shutdown_timeout).toBe(7)
    expect(warnings).toEqual([])
    expect(origins.get('conductor.graceful_shutdown_timeout')).toMatchObject({ line: 2 })
  })

  it('give way to the name that replaced them', () => {
    const { config } = load(`[conductor]\ngraceful_shutdown_timeout = 8\n${older}`)
    expect(config.conductor.graceful_shutdown_timeout).toBe(8)
  })
})

describe('the file format', () => {
  it('reads comments, colons, quotes, blank lines and continuation lines', () => {
    const { config } = load(
      [
        '# a comment',
        '; another',
        '[DEFAULT]',
        'host : "quoted name"',
        'enabled_hardware_types = fake-hardware,',
        '    manual-management',
        '# between',
        'default_resource_class=a=b # not a comment',
        '',
        '[API]',
        'max-limit = 7',
      ].join('\r\n'),
    )
    expect(config.DEFAULT.host).toBe('quoted name')
    expect(config.DEFAULT.enabled_hardware_types).toEqual(['fake-hardware', 'manual-management'])
    expect(config.DEFAULT.default_resource_class).toBe('a=b # not a comment')
    expect(config.api.max_limit).toBe(7)
  })

  it.each([
    ['port = 1', 1, 'port stands before any [group]'],
    ['  port = 1', 1, 'a continuation line without an option before it'],
    ['[api\nport = 1', 1, 'a group is written as [name]'],
    ['[api]\n\nport', 3, 'expected name = value'],
    ['[api]\n= 1', 2, 'expected name = value'],
  ])('names file and line of %j', (text, line, message) => {
    expect(problemsOf(text)[0]).toBe(`${join(home, 'test.conf')}:${line}: ${message}`)
  })

  it('takes the last of a repeated option', () => {
    expect(load('[api]\nport=1\nport=2').config.api.port).toBe(2)
  })
})

describe('substitution', () => {
  it('inserts options of the group, of DEFAULT and of other groups, declared or not', () => {
    const { config } = load(
      [
        '[DEFAULT]',
        'state_path = /srv',
        'place = $state_path/more',
        'host = ${api.port}-$api.max_limit',
        'default_resource_class = $place',
        '[api]',
        'port = 5',
        'public_endpoint = http://h:$port$state_path',
      ].join('\n'),
    )
    expect(config.DEFAULT.host).toBe('5-1000')
    expect(config.DEFAULT.default_resource_class).toBe('/srv/more')
    expect(config.api.public_endpoint).toBe('http://h:5/srv')
  })

  it('keeps an escaped dollar sign', () => {
    expect(load('[DEFAULT]\nhost = a$$b\\$c').config.DEFAULT.host).toBe('a$b$c')
  })

  it.each([
    ['host = $nothing', '$nothing names no option; write $$ for a dollar sign'],
    ['host = $state_path\nstate_path = $host', 'refers to itself'],
  ])('refuses %j', (line, message) => {
    expect(problemsOf(`[DEFAULT]\n${line}`).join()).toContain(message)
  })
})

describe('wrong values', () => {
  it('are all listed, with file, line and option', () => {
    const file = join(home, 'test.conf')
    const text = '[api]\nport = many\nmax_limit = 0\n[DEFAULT]\nauth_strategy = none\n'
    expect(problemsOf(text, { env: { OS_CONDUCTOR__AUTOMATED_CLEAN: 'maybe' } })).toEqual([
      `${file}:5: [DEFAULT] auth_strategy = "none": must be one of noauth, keystone, http_basic`,
      `${file}:2: [api] port = "many": expected a whole number`,
      `${file}:3: [api] max_limit = "0": must be 1 or more`,
      'environment OS_CONDUCTOR__AUTOMATED_CLEAN: [conductor] automated_clean = "maybe": ' +
        'expected true or false (yes, no, on, off, 1, 0)',
    ])
  })

  it('warns about noauth on an address that others reach, and starts', () => {
    const text = '[DEFAULT]\nauth_strategy = noauth\n[api]\nhost_ip = ::\n'
    expect(problemsOf(text)).toEqual([])
    expect(load(text).warnings).toEqual([expect.stringContaining('host_ip = ::')])
    expect(load(text.replace('::', '::1')).warnings).toEqual([])
    expect(load(`${text}unix_socket = /run/ironic.sock\n`).warnings).toEqual([])
  })
})

describe('options without effect', () => {
  it('are named in one warning, those Ironic knows apart from misspelt ones', () => {
    const { warnings } = load(
      '[api]\nprot = 1\n[oslo_concurrency]\nlock_path = /x\n[DEFAULT]\nbindir = /b',
      {
        env: { OS_API__TYPO: '1', OS_ELSE__WHERE: '1' },
      },
    )
    expect(warnings).toHaveLength(1)
    const [known, unknown] = (warnings[0] ?? '').split('; unknown')
    expect(known).toContain('[oslo_concurrency] lock_path')
    expect(known).toContain(`[DEFAULT] bindir (${join(home, 'test.conf')}:6)`)
    expect(unknown).toContain('[api] prot')
    expect(unknown).toContain('environment OS_API__TYPO')
    expect(warnings[0]).not.toContain('WHERE')
  })

  it('cause no warning when there are none', () => {
    expect(load('[api]\nport = 1').warnings).toEqual([])
  })
})
