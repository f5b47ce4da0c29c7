import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Captured {
  readonly scenario: string
  readonly from?: string
  readonly bytes: Buffer
}

interface Raw {
  readonly scenario: string
  readonly from?: string
  readonly data: string
}

/** Packets real programs sent; the file says which. */
export function captured(version: 'v4' | 'v6'): Captured[] {
  const path = join(import.meta.dirname, 'fixtures', 'captured.json')
  const file = JSON.parse(readFileSync(path, 'utf8')) as Record<'v4' | 'v6', Raw[]>
  return file[version].map(({ data, ...rest }) => ({ ...rest, bytes: Buffer.from(data, 'hex') }))
}

/** @throws Error when nothing of that name was recorded */
export function capturedAs(version: 'v4' | 'v6', scenario: string): Captured {
  const found = captured(version).find((one) => one.scenario === scenario)
  if (found === undefined) throw new Error(`no ${scenario} was recorded`)
  return found
}
