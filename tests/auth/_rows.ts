import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { bodies } from './_bodies.js'
import type { Places } from './_world.js'

/** One line of an outcome table. */
export interface Row {
  readonly persona: string
  readonly method: string
  readonly path: string
  readonly status: number
  readonly body: unknown
  /** How long the lists of the answer are. */
  readonly counts: Readonly<Record<string, number>>
  readonly config: Readonly<Record<string, string>>
  /** The line itself, to name the test. */
  readonly line: string
}

const configured = /^(rbac_|project_admin_)/

/** Reads `outcomes-<name>.txt`. */
export function readRows(name: 'system' | 'project'): Row[] {
  const text = readFileSync(join(import.meta.dirname, `outcomes-${name}.txt`), 'utf8')
  return text
    .trim()
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .map(readRow)
}

function readRow(line: string): Row {
  const [persona = '', method = '', path = '', status = '', more = ''] = line.split(' | ')
  const pairs = more
    .split('; ')
    .filter((p) => p !== '')
    .map((p) => p.split('=') as [string, string])
  const { body: name, ...rest } = Object.fromEntries(pairs)
  if (name !== undefined && !(name in bodies)) throw new Error(`no body ${name}`)
  const entries = Object.entries(rest)
  const counts = entries.filter(([key]) => !configured.test(key)).map(([k, v]) => [k, Number(v)])
  return {
    persona,
    method,
    path,
    status: Number(status),
    body: name === undefined ? undefined : bodies[name],
    counts: Object.fromEntries(counts) as Record<string, number>,
    config: Object.fromEntries(entries.filter(([key]) => configured.test(key))),
    line,
  }
}

/** Puts what the database holds in place of `{names}`. */
export function fill(text: string, places: Places): string {
  return text.replace(/\{([a-z_]+)\}/g, (_all, name: string) => {
    const value = places[name]
    if (value === undefined) throw new Error(`nothing stands for {${name}}`)
    return value
  })
}
