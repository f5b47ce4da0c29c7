// Nova's own ironic driver, of Debian and the newest from PyPI, lives with the machines of a server.
// FERRIC_TARGETS=ironic-debian runs the same against a real Ironic: the proof that the harness is true.
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { installedPeer } from '../_util/peers/installed.js'
import { root } from '../_util/peers/root.js'
import { startTarget, type Target, type TargetName } from '../_util/peers/target.js'
import { runUnittest } from '../_util/peers/unittest.js'

const targets = (process.env.FERRIC_TARGETS?.split(',') ?? ['embedded']) as TargetName[]
const novas = process.env.FERRIC_NOVAS?.split(',') ?? ['nova-debian', 'nova-newest']

/** Deployments nobody calls back from fail soon. */
const impatient = {
  conductor: {
    automated_clean: 'true',
    deploy_callback_timeout: 6,
    check_provision_state_interval: 2,
  },
}

describe.each(targets)('the ironic driver of Nova (%s)', (name) => {
  let target: Target
  beforeAll(async () => {
    target = await startTarget(name, impatient)
  }, 120_000)
  afterAll(() => target?.[Symbol.asyncDispose](), 60_000)

  it.each(novas)('%s', { timeout: 420_000 }, async (nova) => {
    const { python } = await installedPeer<{ python: string }>(nova)
    const folder = join(root, 'tests', 'compat', 'nova')
    const env = { FERRIC_URL: target.url, PYTHONPATH: folder, PYTHONWARNINGS: 'ignore' }
    const report = await runUnittest({ python, env, timeoutMs: 400_000 }, ['test_driver'])
    const ids = Object.keys(report.outcomes)
    const failed = ids.filter((id) => report.outcomes[id] !== 'passed')
    console.log(`${ids.length - failed.length} of ${ids.length} pass with ${nova} on ${name}`)
    expect(failed.map((id) => [id, report.reasons[id]])).toEqual([])
    expect(ids.length).toBeGreaterThan(15)
  })
})
