// Deployments from a web server that closes each connection before its image has been read, as Python's http.server does.
import { createServer } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startFerric } from '../_util/peers/ferric.js'
import { Rest } from '../_util/peers/rest.js'
import { until } from '../_util/peers/until.js'

interface Node {
  readonly uuid: string
  readonly provision_state: string
  readonly last_error: string | null
  readonly instance_info: Readonly<Record<string, unknown>>
}

/** Larger than what sockets and streams hold, so that hashing and writing it pauses the connection. */
const size = 64 * 1024 * 1024
const deployments = 6

/** Serves one image for every path, by HTTP/1.0. */
const images = createServer((socket) => {
  socket.on('error', () => undefined)
  socket.once('data', (request) => {
    socket.write(`HTTP/1.0 200 OK\r\nServer: SimpleHTTP\r\nContent-Length: ${size}\r\n\r\n`)
    socket.end(request.toString().startsWith('HEAD') ? '' : Buffer.alloc(size, 'image'))
  })
})

let rest: Rest
let imagesUrl = ''
beforeAll(async () => {
  await new Promise<void>((resolve) => images.listen(0, '127.0.0.1', resolve))
  const address = images.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  imagesUrl = `http://127.0.0.1:${address.port}`
})
afterAll(() => {
  images.close()
})

const readNode = (uuid: string) => rest.must<Node>('GET', `/nodes/${uuid}`)

const reaches = (uuid: string, ...states: readonly string[]): Promise<Node> =>
  until(
    async () => {
      const node = await readNode(uuid)
      return states.includes(node.provision_state) ? node : undefined
    },
    { what: `${uuid} in ${states.join(' or ')}`, timeoutMs: 60_000, everyMs: 200 },
  )

async function deploy(deployInterface: string, instanceInfo: object): Promise<string> {
  const { uuid } = await rest.must<Node>('POST', '/nodes', {
    driver: 'fake-hardware',
    deploy_interface: deployInterface,
    vendor_interface: deployInterface,
    instance_info: instanceInfo,
  })
  const verbs = [
    ['manage', 'manageable'],
    ['provide', 'available'],
  ] as const
  for (const [target, state] of verbs) {
    await rest.must('PUT', `/nodes/${uuid}/states/provision`, { target })
    await reaches(uuid, state)
  }
  await rest.must('PUT', `/nodes/${uuid}/states/provision`, { target: 'active' })
  return uuid
}

/** Deploys by iSCSI from an address of its own, on a machine whose target is not there. */
async function deployWithoutTarget(index: number): Promise<Node> {
  const uuid = await deploy('iscsi', {
    image_source: `${imagesUrl}/image-${index}`,
    image_type: 'whole-disk',
    root_gb: 1,
  })
  const { instance_info: info } = await reaches(uuid, 'wait call-back')
  await rest.must('POST', `/nodes/${uuid}/vendor_passthru?method=pass_deploy_info`, {
    address: '127.0.0.1',
    port: '1',
    iqn: 'iqn.2026-01.org.example:missing',
    key: info['deploy_key'],
    error: '',
  })
  return await reaches(uuid, 'deploy failed', 'active')
}

it('survives them and fails each deployment for its own reason', { timeout: 240_000 }, async () => {
  await using ferric = await startFerric('embedded', {
    DEFAULT: {
      enabled_deploy_interfaces: 'fake,direct,iscsi',
      enabled_vendor_interfaces: 'no-vendor,fake,iscsi',
    },
    conductor: { automated_clean: 'false' },
  })
  rest = new Rest(ferric.url)
  const indices = Array.from({ length: deployments }, (_, index) => index)
  const nodes = await Promise.all(indices.map(deployWithoutTarget)).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${ferric.logs()}`, { cause: error })
  })
  expect(ferric.lives).toBe(true)
  for (const node of nodes) {
    expect(node.provision_state).toBe('deploy failed')
    expect(node.last_error).toMatch(/Deploy failed for instance .*ECONNREFUSED/)
  }
  const other = await deploy('fake', {})
  expect((await reaches(other, 'active', 'deploy failed')).provision_state).toBe('active')
})
