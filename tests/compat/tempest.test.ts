// The API tests of ironic-tempest-plugin behind a real Keystone: what passes on a real Ironic passes here.
// FERRIC_TEMPEST=REGEX runs the modules it matches instead of a few; `npm run tempest` runs all. Both lists are kept
// beside this: `FERRIC_RECORD=1 npm run tempest` writes Ferric's anew, with `FERRIC_TARGETS=ironic-newest` the real one's.
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { pythonPeer } from '../_util/peers/installed.js'
import { root } from '../_util/peers/root.js'
import type { TargetName } from '../_util/peers/target.js'
import { runUnittest, type Report } from '../_util/peers/unittest.js'
import { startCloud } from './tempest/cloud.js'

const targets = (process.env.FERRIC_TARGETS?.split(',') ?? ['embedded']) as TargetName[]
const PACKAGE = 'ironic_tempest_plugin.tests.api'
const folder = join(root, 'tests', 'compat', 'tempest')
/** All of them take ten minutes, most of it Keystone's: these go through most of what there is. */
const FEW =
  '^(admin.test_(nodes|nodestates|allocations|console|drivers)|rbac_defaults.test_runbooks)[.]'
const wantedModules = new RegExp(process.env.FERRIC_TEMPEST ?? FEW)

function modules(venv: string): string[] {
  const [lib] = readdirSync(join(venv, 'lib'))
  const api = join(venv, 'lib', lib ?? '', 'site-packages', ...PACKAGE.split('.'))
  const files = ['admin', 'rbac_defaults'].flatMap((part) =>
    readdirSync(join(api, part)).map((file) => `${part}.${file}`),
  )
  return files
    .filter((file) => /\.test_.*\.py$/.test(file) && wantedModules.test(file))
    .map((file) => `${PACKAGE}.${file.replace('.py', '')}`)
}

async function runAll(name: TargetName): Promise<Report> {
  const { dir: venv, python } = await pythonPeer('tempest')
  const dir = mkdtempSync(join(tmpdir(), 'ferric-tempest-'))
  try {
    await using cloud = await startCloud(name, dir)
    const env = { TEMPEST_CONFIG_DIR: dir, TEMPEST_CONFIG: cloud.conf }
    const script = join(folder, 'run.py')
    const runner = { python, script, env, cwd: dir, timeoutMs: 1_700_000 }
    return await runUnittest(runner, modules(venv))
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

const short = (id: string) => id.replace(`${PACKAGE}.`, '')

function listed({ outcomes }: Report, outcome: string): string[] {
  const ids = Object.keys(outcomes).filter((id) => outcomes[id] === outcome)
  return ids.map(short).toSorted()
}

const list = (report: Report) => ({
  passed: listed(report, 'passed'),
  failed: listed(report, 'failed'),
  skipped: listed(report, 'skipped'),
})

const said = promisify(execFile)

/** The version of a Python package of a peer. */
async function versionOf(peer: string, name: string): Promise<string> {
  const { python } = await pythonPeer(peer)
  const script = `import importlib.metadata; print(importlib.metadata.version('${name}'))`
  return `${name} ${(await said(python, ['-c', script])).stdout.trim()}`
}

/** What was run, of which version, by which tests, and when. */
async function about(name: TargetName) {
  const ferric = async () =>
    `ferric ${(await said('git', ['rev-parse', '--short', 'HEAD'], { cwd: root })).stdout.trim()}`
  const server = name.startsWith('ironic') ? versionOf('ironic-newest', 'ironic') : ferric()
  const tests = await versionOf('tempest', 'ironic-tempest-plugin')
  return { server: await server, tests, on: new Date().toISOString().slice(0, 10) }
}

/** Ferric's list is one, whatever it stands on. */
const recordOf = (name: TargetName) => (name.startsWith('ironic') ? name : 'ferric')

describe.each(targets)('the API tests of ironic-tempest-plugin (%s)', (name) => {
  it('pass as they do on a real Ironic', { timeout: 1_800_000 }, async () => {
    const report = await runAll(name)
    const here = list(report)
    const total = Object.keys(report.outcomes).length
    console.log(`${here.passed.length} of ${total} pass on ${name}, ${here.skipped.length} skip`)
    if (process.env.FERRIC_RECORD) {
      const record = { ...(await about(name)), ...here }
      writeFileSync(join(folder, `${recordOf(name)}.json`), `${JSON.stringify(record, null, 2)}\n`)
    }
    const wanted: string[] = JSON.parse(
      readFileSync(join(folder, 'ironic-newest.json'), 'utf8'),
    ).passed
    const lost = wanted.filter((id) => !here.passed.includes(id) && wantedModules.test(id))
    expect(lost.map((id) => [id, report.reasons[`${PACKAGE}.${id}`]])).toEqual([])
  })
})
