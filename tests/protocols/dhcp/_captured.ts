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

/** Packets of real programs, which the file names. */
export function captured(version: 'v4' | 'v6'): Captured[] {
  const path = join(import.meta.dirname, 'fixtures', 'captured.json')
  const file = JSON.parse(readFileSync(path, 'utf8')) as Record<'v4' | 'v6', Raw[]>
  return file[version].map(({ data, ...rest }) => ({ ...rest, bytes: Buffer.from(data, 'hex') }))
}

/** @throws Error when no packet of that name was recorded */
export function capturedAs(version: 'v4' | 'v6', scenario: string): Captured {
  const packet = captured(version).find((one) => one.scenario === scenario)
  if (packet === undefined) throw new Error(`no ${scenario} was recorded`)
  return packet
}
