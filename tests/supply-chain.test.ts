import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')

interface Lock {
  readonly packages: Readonly<Record<string, { integrity?: string; link?: boolean }>>
}

describe.each(['package-lock.json', 'scripts/node/package-lock.json'])('%s', (path) => {
  it('has an integrity hash for every package', () => {
    const { packages } = JSON.parse(readFileSync(join(root, path), 'utf8')) as Lock
    const entries = Object.entries(packages).filter(([name]) => name !== '')
    expect(entries.length).toBeGreaterThan(2)
    const unverified = entries.filter(([, { integrity }]) => !integrity?.startsWith('sha512-'))
    expect(unverified.map(([name]) => name)).toEqual([])
  })
})
