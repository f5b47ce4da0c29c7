// What the hardware types promise against what exists, and what README says is missing against what is refused.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { buildCatalogue } from '../../src/drivers/catalogue.js'
import { interfaceKinds, type InterfaceKind } from '../../src/drivers/interfaces.js'

const catalogue = buildCatalogue([])

/** What upstream's `redfish`, `idrac` and generic hardware types support besides what is here (39.0.0). */
const upstreamOnly: Partial<Record<InterfaceKind, readonly string[]>> = {
  console: ['redfish-graphical', 'fake-graphical'],
  deploy: ['ansible'],
  network: ['ironic-networking'],
}

function listedAsMissing(): Partial<Record<string, string[]>> {
  const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8')
  const [, list = ''] = readme.split('Not there, and refused')
  const rows = list.split('\n').filter((line) => /^- `\w+`: `/.test(line))
  return Object.fromEntries(
    rows.map((row) => {
      const [kind = '', ...names] = [...row.matchAll(/`([\w-]+)`/g)].map((match) => match[1] ?? '')
      return [kind, names]
    }),
  )
}

describe('the catalogue', () => {
  it('lacks what README lists as missing, and nothing else of upstream', () => {
    const missing = listedAsMissing()
    for (const kind of interfaceKinds) {
      const absent = (upstreamOnly[kind] ?? []).filter((n) => !catalogue.interfaces[kind].has(n))
      const listed = (missing[kind] ?? []).filter((name) => name !== 'cinder')
      expect({ kind, listed }).toEqual({ kind, listed: absent })
      for (const name of listed) expect(catalogue.interfaces[kind].has(name)).toBe(false)
    }
    expect(missing['storage']).toEqual(['cinder'])
  })

  it('names only implementations that exist or that README lists', () => {
    const missing = listedAsMissing()
    // Classic drivers of 2015 whose parts are gone fail at start-up by their own name.
    const types = [...catalogue.hardwareTypes.values()].filter((type) =>
      interfaceKinds.some((kind) => type.supported[kind].length > 1),
    )
    const unknown = types.flatMap((type) =>
      interfaceKinds.flatMap((kind) =>
        type.supported[kind]
          .filter((name) => !catalogue.interfaces[kind].has(name))
          .filter((name) => !(missing[kind] ?? []).includes(name))
          .map((name) => `${type.name} ${kind} ${name}`),
      ),
    )
    expect(unknown).toEqual([])
  })
})
