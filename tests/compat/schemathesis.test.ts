// schemathesis reads the contract as three versions saw it and tries what it allows and what it does
// not: no 5xx, and no answer that the contract does not declare. The seed is fixed; FERRIC_SEED is another.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pythonPeer } from '../_util/peers/installed.js'
import { Rest } from '../_util/peers/rest.js'
import { startTarget, type Target } from '../_util/peers/target.js'

const SEED = process.env.FERRIC_SEED ?? '7'
const EXAMPLES = process.env.FERRIC_EXAMPLES ?? '4'
const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_schema_conformance',
]

type Ran = { code: number; said: string }

let target: Target
beforeAll(async () => {
  target = await startTarget('embedded')
  const rest = new Rest(target.url)
  const node = { driver: 'fake-hardware', name: 'one' }
  const { uuid } = await rest.must<{ uuid: string }>('POST', '/nodes', node)
  await rest.must('POST', '/ports', { node_uuid: uuid, address: '52:54:00:00:00:01' })
  await rest.must('POST', '/chassis', {})
}, 120_000)
afterAll(() => target?.[Symbol.asyncDispose](), 60_000)

async function schemathesis(version: string): Promise<Ran> {
  const { dir } = await pythonPeer('schemathesis')
  const args = [
    ...['run', `${target.url}/openapi.json?version=${version}`, '--url', target.url],
    ...['-H', `X-OpenStack-Ironic-API-Version: ${version}`, '--phases', 'fuzzing'],
    ...['-n', EXAMPLES, '--seed', SEED, '--no-shrink', '--continue-on-failure'],
    ...['-c', CHECKS.join(','), '--suppress-health-check', 'all', '--warnings', 'off'],
  ]
  const bounds = { timeout: 280_000, maxBuffer: 64 * 1024 * 1024, cwd: '/tmp' }
  return new Promise((resolve) => {
    execFile(join(dir, 'bin', 'schemathesis'), args, bounds, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code ?? 70) : 0, said: `${stdout}${stderr}` })
    })
  })
}

describe('what schemathesis tries', () => {
  it.each(['1.1', '1.61', '1.115'])(
    'is answered as %s declares',
    { timeout: 300_000 },
    async (v) => {
      const { code, said } = await schemathesis(v)
      console.log(/\d+ generated.*/.exec(said)?.[0] ?? said.slice(-500))
      expect([code, code === 0 ? '' : said.slice(-6000)]).toEqual([0, ''])
      expect(said).toMatch(/\d+ generated, \d+ passed/)
    },
  )
})
