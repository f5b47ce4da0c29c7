// Replays the recorded answers of a real Ironic (shared/conformance beside the clone) on Ferric.
// What must be reached stands in conformance-thresholds.json; raise it when Ferric gets better.
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { startFerric } from '../_util/peers/ferric.js'
import thresholds from './conformance-thresholds.json' with { type: 'json' }

const root = join(import.meta.dirname, '..', '..')
const folder = process.env.FERRIC_CONFORMANCE ?? join(root, '..', 'shared', 'conformance')
const missing = !existsSync(folder) && !process.env.CI

type Report = { total: { semantic: number; strict: number; steps: number } }

async function replay(url: string): Promise<{ report: Report; said: string }> {
  const dir = mkdtempSync(join(tmpdir(), 'ferric-conformance-'))
  const out = join(dir, 'report.json')
  const golden = join(folder, 'golden-1.115.json.gz')
  const args = [join(folder, 'run.py'), '--url', url, '--golden', golden, '--json', out]
  try {
    // It exits with 1 unless every step matches, so the exit code says nothing here.
    const said = await promisify(execFile)('python3', [...args, '--show', '40'], {
      maxBuffer: 64 * 1024 * 1024,
      timeout: 900_000,
    }).catch((error: { stdout: string; stderr: string }) => error)
    if (!existsSync(out)) throw new Error(`the runner wrote no report:\n${said.stderr}`)
    return { report: JSON.parse(readFileSync(out, 'utf8')), said: said.stdout }
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

describe.skipIf(missing)('the recorded answers of a real Ironic', () => {
  it('are given by Ferric as well', { timeout: 960_000 }, async () => {
    await using ferric = await startFerric(
      'embedded',
      readFileSync(join(folder, 'ironic.conf'), 'utf8'),
    )
    const { report, said } = await replay(ferric.url)
    const { semantic, strict, steps } = report.total
    console.log(said)
    expect(steps).toBeGreaterThan(400)
    expect((100 * semantic) / steps).toBeGreaterThanOrEqual(thresholds.semantic)
    expect((100 * strict) / steps).toBeGreaterThanOrEqual(thresholds.strict)
  })
})
