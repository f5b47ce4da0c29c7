// Replays the scenarios in `differential/` on Ferric and compares the answers with those of a real Ironic from PyPI.
// `node tests/compat/differential/record.mjs` records them again; tests/compat/conformance normalises and compares.
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { startFerric } from '../_util/peers/ferric.js'
import deliberate from './differential/deliberate.json' with { type: 'json' }
import options from './differential/options.json' with { type: 'json' }

const folder = join(import.meta.dirname, 'conformance')
const own = join(import.meta.dirname, 'differential')

interface Mismatch {
  readonly scenario: string
  readonly request: string
  readonly sent: unknown
  readonly level: 'semantic' | 'strict'
  readonly diff: readonly string[]
}
type Report = { total: { steps: number }; mismatches: readonly Mismatch[] }

/** Two halves that take about as long, each for a server of its own. */
const rules = ['rules']
const rest = ['ch', 'dt', 'ev', 'lists-*', 'methods', 'negotiate', 'pg', 'port', 'rb', 'vc', 'vt']

/** One is started after the other: the first may have to build. */
async function replayAll(): Promise<Report[]> {
  await using one = await startFerric('embedded', configuration())
  await using other = await startFerric('embedded', configuration())
  return await Promise.all([replay(one.url, rules), replay(other.url, rest)])
}

async function replay(url: string, areas: readonly string[]): Promise<Report> {
  const dir = mkdtempSync(join(tmpdir(), 'ferric-differential-'))
  const out = join(dir, 'report.json')
  const files = [
    '--golden',
    join(own, 'golden.json.gz'),
    '--scenarios',
    join(own, 'scenarios.json.gz'),
    ...areas.flatMap((area) => ['--only', area]),
  ]
  try {
    // It exits with 1 unless every step matches word for word, so the exit code says nothing here.
    const said = await promisify(execFile)(
      'python3',
      [join(folder, 'run.py'), '--url', url, ...files, '--json', out],
      { maxBuffer: 64 * 1024 * 1024, timeout: 280_000 },
    ).catch((error: { stderr: string }) => error)
    if (!existsSync(out)) throw new Error(`the runner wrote no report:\n${said.stderr}`)
    return JSON.parse(readFileSync(out, 'utf8'))
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

/** The recorder's configuration with what our own scenarios need after it: what comes last counts. */
function configuration(): string {
  const ours = Object.entries(options).map(([group, values]) =>
    [`[${group}]`, ...Object.entries(values).map(([name, value]) => `${name} = ${value}`)].join(
      '\n',
    ),
  )
  return [readFileSync(join(folder, 'ironic.conf'), 'utf8'), ...ours, ''].join('\n')
}

/** What a mismatch is known by: where it stands, what was sent, and what differs. */
const textOf = ({ scenario, request, sent, diff }: Mismatch): string =>
  `${scenario} | ${request} | ${JSON.stringify(sent ?? null)} | ${diff.join(' ; ')}`

describe('answers of a real Ironic to scenarios of our own', () => {
  it(
    'is answered by Ferric, but for what docs/differences.md explains',
    { timeout: 300_000 },
    async () => {
      const reports = await replayAll()
      const steps = reports.reduce((sum, { total }) => sum + total.steps, 0)
      const mismatches = reports.flatMap((report) => report.mismatches)
      const found = mismatches.filter((one) => one.level === 'semantic').map(textOf)
      const reasons = deliberate.map(({ what, why }) => ({ pattern: new RegExp(what), why }))
      expect(steps).toBeGreaterThan(7500)
      expect(found.filter((text) => !reasons.some(({ pattern }) => pattern.test(text)))).toEqual([])
      expect(reasons.filter(({ pattern }) => !found.some((text) => pattern.test(text)))).toEqual([])
    },
  )
})
