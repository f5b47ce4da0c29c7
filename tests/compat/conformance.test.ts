// Replays the recorded answers of a real Ironic (tests/compat/conformance) on Ferric and compares them.
// Raise the figures in conformance/thresholds.json when Ferric gets better.
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { startFerric } from '../_util/peers/ferric.js'
import thresholds from './conformance/thresholds.json' with { type: 'json' }

const folder = join(import.meta.dirname, 'conformance')

interface Mismatch {
  readonly scenario: string
  readonly request: string
  readonly level: 'semantic' | 'strict'
  readonly counted: boolean
  readonly diff: readonly string[]
}
interface Report {
  readonly total: { semantic: number; strict: number; steps: number }
  readonly mismatches: readonly Mismatch[]
}

/**
 * Links that keep what upstream drops (docs/differences.md, "the `next` link of a filtered list"), and the pages they
 * lead to: below one node, upstream's second page holds the objects of all.
 */
const keepsFilters = ({ scenario, request, counted, diff }: Mismatch): boolean => {
  if (!counted || diff.length === 0) return false
  if (/^(ports|volume\/targets)\/paging$/.test(scenario) && request.startsWith('GET ${nx}'))
    return true
  return diff.every((line) => line.startsWith('body.next: '))
}

async function replay(url: string): Promise<{ report: Report; output: string }> {
  const dir = mkdtempSync(join(tmpdir(), 'ferric-conformance-'))
  const out = join(dir, 'report.json')
  const golden = join(folder, 'golden-1.115.json.gz')
  const args = [join(folder, 'run.py'), '--url', url, '--golden', golden, '--json', out]
  try {
    // run.py exits with 1 unless every step matches, so the report decides, not the exit code.
    const output = await promisify(execFile)('python3', [...args, '--show', '40'], {
      maxBuffer: 64 * 1024 * 1024,
      timeout: 900_000,
    }).catch((error: { stdout: string; stderr: string }) => error)
    if (!existsSync(out)) throw new Error(`the runner wrote no report:\n${output.stderr}`)
    return { report: JSON.parse(readFileSync(out, 'utf8')), output: output.stdout }
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

describe('the recorded answers of a real Ironic', () => {
  it('match those of Ferric', { timeout: 960_000 }, async () => {
    await using ferric = await startFerric(
      'embedded',
      readFileSync(join(folder, 'ironic.conf'), 'utf8'),
    )
    const { report, output } = await replay(ferric.url)
    const { semantic, strict, steps } = report.total
    console.log(output)
    expect(steps).toBeGreaterThan(400)
    const deliberate = report.mismatches.filter(keepsFilters).length
    expect(deliberate).toBeLessThan(30)
    expect((100 * (semantic + deliberate)) / steps).toBeGreaterThanOrEqual(thresholds.semantic)
    expect((100 * (strict + deliberate)) / steps).toBeGreaterThanOrEqual(thresholds.strict)
  })
})
