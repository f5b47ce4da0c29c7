import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { expect, it } from 'vitest'

const src = resolve(import.meta.dirname, '../src')

/** What each layer may import, types included, besides itself and the leaves. */
const below: Readonly<Record<string, readonly string[]>> = {
  api: ['context', 'conductor', 'drivers', 'openstack', 'protocols', 'images'],
  conductor: ['context', 'drivers', 'openstack', 'protocols', 'images'],
  drivers: ['protocols', 'openstack', 'images', 'netboot'],
  netboot: ['protocols', 'images'],
  images: ['protocols', 'openstack'],
  openstack: ['protocols'],
  protocols: [],
  db: [],
  config: [],
}
const leaves = [
  'db',
  'config',
  'errors',
  'background',
  'batcher',
  'clock',
  'log',
  'error-text',
  'installation',
  'mask',
  'http',
  'identifiers',
  'python',
  'sandbox',
  'metrics',
  'timeline',
  'process-context',
  'services',
]

function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8')
  const found = text.matchAll(/^(?:import|export)\s+[^'"]*?from\s+'(\.[^']+)'/gms)
  return [...found].map((m) => relative(src, resolve(dirname(file), m[1] ?? '')))
}

const layerOf = (path: string) => path.split('/')[0]?.replace(/\.[jt]s$/, '') ?? ''

it('imports point down', () => {
  const wrong: string[] = []
  for (const entry of readdirSync(src, { recursive: true, encoding: 'utf8' })) {
    const layer = layerOf(entry)
    const allowed = below[layer]
    if (!entry.endsWith('.ts') || allowed === undefined) continue
    const open =
      layer === 'db' || layer === 'config'
        ? ['errors', 'clock', 'log', 'error-text', 'config', 'installation']
        : leaves
    for (const target of importsOf(join(src, entry))) {
      const to = layerOf(target)
      if (to !== layer && !allowed.includes(to) && !open.includes(to))
        wrong.push(`${entry} -> ${target}`)
    }
  }
  expect(wrong).toEqual([])
})
