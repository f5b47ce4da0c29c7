// The configurations that deployers write, as the options and values of each (deployers.md says how they were made).
// Ferric must start with every one of them when only the database is changed.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { loadConfig, type LoadedConfig } from '../../src/config/load.js'
import { createDriverRegistry } from '../../src/drivers/registry.js'
import { silent } from '../_util/silent.js'
import deployers from './deployers.json' with { type: 'json' }

type Options = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>

const dir = mkdtempSync(join(tmpdir(), 'ferric-deployers-'))
afterAll(() => rmSync(dir, { recursive: true }))

function load(options: Options): LoadedConfig {
  const groups = Object.entries(options).map(([group, values]) => {
    const lines = Object.entries(values).flatMap(([name, value]) =>
      [value].flat().map((text) => `${name} = ${text}`),
    )
    return `[${group}]\n${lines.join('\n')}\n`
  })
  const file = join(dir, 'ironic.conf')
  writeFileSync(file, groups.join('\n'))
  const flags = ['database.connection=postgresql://ferric@127.0.0.1/ferric']
  return loadConfig({ configFiles: [file], flags, home: dir })
}

const log = silent.conductor
const cases = Object.entries(deployers as unknown as Readonly<Record<string, Options>>)

describe.each(cases)('%s', (name, options) => {
  it('starts, unless every node would get an interface that Ferric does not have', async () => {
    const { config } = load(options)
    const lacking = config.DEFAULT.default_network_interface === 'ironic-networking'
    const outcome = await createDriverRegistry(config, log).then(
      (drivers) => [...drivers.hardwareTypes.keys()].join(' '),
      (error: unknown) => String(error),
    )
    expect(outcome).toContain(lacking ? 'ironic-networking' : 'ipmi')
  })

  it('keeps the authentication that the deployer relies on', () => {
    const { DEFAULT } = load(options).config
    const keystone = name.startsWith('kolla') ? 'keystone' : 'noauth'
    expect(DEFAULT.auth_strategy).toBe(keystone)
  })

  it('names what has no effect, and knows every spelling', () => {
    const { warnings } = load(options)
    expect(warnings.join('\n')).not.toContain('check the spelling')
  })

  it('warns where everyone who reaches the address may control the machines', () => {
    const { config, warnings } = load(options)
    const open = config.DEFAULT.auth_strategy === 'noauth' && config.api.host_ip === '::'
    const warned = warnings.some((text) => text.includes('host_ip = ::'))
    expect(warned).toBe(open && config.api.unix_socket === null)
  })
})
