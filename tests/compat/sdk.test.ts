// openstacksdk's own functional tests for bare metal: what passes on a real Ironic passes here.
// `FERRIC_TARGETS=ironic-newest FERRIC_RECORD=1` writes down anew what passes on the real one.
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { pythonPeer } from '../_util/peers/installed.js'
import { root } from '../_util/peers/root.js'
import { startTarget, type TargetName } from '../_util/peers/target.js'
import { runUnittest, type Report } from '../_util/peers/unittest.js'

const targets = (process.env.FERRIC_TARGETS?.split(',') ?? ['embedded']) as TargetName[]
const PACKAGE = 'openstack.tests.functional.baremetal.v1'
const passesFile = join(root, 'tests', 'compat', 'sdk', 'passes.json')

/** Every cloud the tests ask for is the same one, and it has bare metal only. */
const cloudsYaml = (url: string): string => `clouds:
  target:
    auth_type: none
    endpoint: ${url}
    baremetal_status_code_retries: 3
    has_compute: false
    has_image: false
    has_network: false
    has_object_store: false
`

const CLOUDS = [
  'OS_CLOUD',
  'OPENSTACKSDK_DEMO_CLOUD',
  'OPENSTACKSDK_DEMO_CLOUD_ALT',
  'OPENSTACKSDK_OPERATOR_CLOUD',
  'OPENSTACKSDK_SYSTEM_ADMIN_CLOUD',
]

function modules(venv: string): string[] {
  const [lib] = readdirSync(join(venv, 'lib'))
  const folder = join(venv, 'lib', lib ?? '', 'site-packages', ...PACKAGE.split('.'))
  const files = readdirSync(folder).filter((name) => /^test_.*\.py$/.test(name))
  return files.map((name) => `${PACKAGE}.${name.replace('.py', '')}`)
}

async function runAll(url: string): Promise<Report> {
  const { dir: venv, python } = await pythonPeer('sdk-tests')
  const dir = mkdtempSync(join(tmpdir(), 'ferric-sdk-'))
  try {
    writeFileSync(join(dir, 'clouds.yaml'), cloudsYaml(url))
    const clouds = Object.fromEntries(CLOUDS.map((name) => [name, 'target']))
    const config = join(dir, 'clouds.yaml')
    const env = { ...clouds, OS_CLIENT_CONFIG_FILE: config, OS_TEST_TIMEOUT: '90' }
    const runner = { python, env, cwd: dir, timeoutMs: 840_000 }
    return await runUnittest(runner, modules(venv))
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

const passed = ({ outcomes }: Report): string[] =>
  Object.keys(outcomes)
    .filter((id) => outcomes[id] === 'passed')
    .map((id) => id.replace(`${PACKAGE}.`, ''))
    .toSorted()

describe.each(targets)('the functional tests of openstacksdk (%s)', (name) => {
  it('pass as they do on a real Ironic', { timeout: 900_000 }, async () => {
    await using target = await startTarget(name)
    const report = await runAll(target.url)
    const here = passed(report)
    console.log(`${here.length} of ${Object.keys(report.outcomes).length} pass on ${name}`)
    if (process.env.FERRIC_RECORD) writeFileSync(passesFile, `${JSON.stringify(here, null, 2)}\n`)
    const wanted: string[] = JSON.parse(readFileSync(passesFile, 'utf8'))
    const lost = wanted.filter((id) => !here.includes(id))
    expect(lost.map((id) => [id, report.reasons[`${PACKAGE}.${id}`]])).toEqual([])
  })
})
