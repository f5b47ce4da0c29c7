/**
 * `[ferric] ramdisk_port`: an API that only ramdisks reach, beside one they do not. No conductor
 * serves the node: 503 says that a ramdisk was let in.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startApi, type ApiServer } from '../../src/api/server.js'
import type { Database } from '../../src/db/types.js'
import { httpClient } from '../_util/api.js'
import { testDatabase } from '../_util/database.js'
import { addNode, testBed } from '../conductor/_harness.js'

let db: Database
let server: ApiServer
let uuid: string

beforeAll(async () => {
  db = await testDatabase()
  const config = { api: { port: 0, enable_ramdisk_endpoints: false }, ferric: { ramdisk_port: 0 } }
  const bed = await testBed(db, { config })
  uuid = (await addNode(bed, { provisionState: 'deploying' })).uuid
  server = await startApi(bed)
}, 30_000)
afterAll(async () => {
  await server.close(0)
  await db.close()
})

const ask = (url: string | undefined, method: string, path: string) =>
  httpClient(url ?? '')(method, path, {
    version: '1.115',
    ...(method === 'GET' ? {} : { body: {} }),
  })

describe('the listener for ramdisks', () => {
  it.each([
    ['GET', '/', 200],
    ['GET', '/v1', 200],
    ['GET', '/v1/lookup?node_uuid=UUID', 503],
    ['POST', '/v1/heartbeat/UUID', 400],
    ['POST', '/v1/nodes/UUID/vendor_passthru/heartbeat', 503],
    ['POST', '/v1/nodes/UUID/vendor_passthru/pass_deploy_info', 503],
  ])('takes %s %s', async (method, path, status) => {
    const reply = await ask(server.ramdiskUrl, method, path.replace('UUID', uuid))
    expect(reply.status).toBe(status)
  })

  it.each([
    ['GET', '/v1/nodes'],
    ['GET', '/v1/nodes/UUID'],
    ['PUT', '/v1/nodes/UUID/states/power'],
    ['POST', '/v1/nodes/UUID/vendor_passthru/send_raw'],
    ['GET', '/metrics'],
    ['GET', '/openapi.json'],
    ['GET', '/docs'],
    ['GET', '/healthz'],
    ['GET', '/v1/../v1/nodes'],
    ['GET', '/v1/lookup/../nodes'],
  ])('does not serve %s %s', async (method, path) => {
    const reply = await ask(server.ramdiskUrl, method, path.replace('UUID', uuid))
    expect(reply.status).toBe(404)
  })
})

describe('the API beside it', () => {
  it('serves nodes', async () => {
    expect((await ask(server.url, 'GET', `/v1/nodes/${uuid}`)).status).toBe(200)
  })
  it.each([
    ['GET', '/v1/lookup'],
    ['POST', '/v1/nodes/UUID/vendor_passthru/heartbeat'],
    ['POST', '/v1/nodes/UUID/vendor_passthru/pass_deploy_info'],
    ['POST', '/v1/drivers/fake-hardware/vendor_passthru/lookup'],
  ])('refuses ramdisks: %s %s', async (method, path) => {
    expect((await ask(server.url, method, path.replace('UUID', uuid))).status).toBe(403)
  })
})
