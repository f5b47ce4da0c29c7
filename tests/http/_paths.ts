// Every way in which Ferric sends HTTP requests, each against a server of the test's own.
import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '../../src/clock.js'
import { callApi } from '../../src/conductor/inspection/rules/api-call.js'
import type { NodeTask } from '../../src/conductor/node/task.js'
import { imageCache } from '../../src/images/cache/cache.js'
import { describeImage, openImage, readSmall } from '../../src/images/open.js'
import { readReference } from '../../src/images/oci/reference.js'
import { openRepository } from '../../src/images/oci/registry.js'
import { createKeystoneClient } from '../../src/openstack/keystone/client.js'
import { createKeystoneSession } from '../../src/openstack/keystone/session.js'
import { createNeutronClient } from '../../src/openstack/neutron/client.js'
import { createSwiftClient } from '../../src/openstack/swift/client.js'
import { AgentClient } from '../../src/protocols/ipa/client.js'
import { RedfishClient } from '../../src/protocols/redfish/client.js'
import { plainAgent } from '../../src/http.js'
import { imageContext } from '../images/_util/context.js'
import { testTask } from '../drivers/_util/task.js'
import type { Good, Misbehaviour } from '../_util/peers/misbehaving.js'

export interface Subject {
  readonly url: string
  /** A directory for this call. */
  readonly dir: string
  readonly signal: AbortSignal
}

export interface OutgoingPath {
  readonly title: string
  readonly good: Good
  /** The requests that misbehave; the others get the good answer of `others`. */
  readonly affected?: RegExp
  readonly others?: Good
  readonly call: (subject: Subject) => Promise<unknown>
  /** The error's class and text. */
  readonly error: RegExp
  /** Misbehaviours that this path need not notice, because it does not read what they break. */
  readonly unread?: readonly Misbehaviour[]
  /** The bytes go to a reader with limits of its own: the free space of a disk, or a size that is known. */
  readonly endless?: true
}

/** What breaks only the body of an answer. */
const inBody: readonly Misbehaviour[] = [
  'closes in its body',
  'closes in a chunk',
  'closes early while the reader is paused',
  'trickles its body',
  'sends less than its length',
  'resets in its body',
  'never ends its body',
]

const timeoutMs = 500
const id = '3b4e6a3e-7f0c-4f6b-9f26-0b9d4c1f0a11'
const silent = { webserver_connection_timeout: 1 }
const images = (dir: string, url: string) =>
  imageContext(dir, {
    DEFAULT: silent,
    glance: { auth_type: 'none', endpoint_override: url, num_retries: 0 },
    oci: { permit_fallback_to_http_transport: true },
  })

/** Reads slower than loopback delivers, so that the connection is paused. */
async function readSlowly(chunks: AsyncIterable<unknown>): Promise<void> {
  for await (const chunk of chunks) await sleep(chunk === null ? 0 : 1)
}

const token = {
  status: 201,
  headers: { 'X-Subject-Token': 'token-of-this-service' },
  body: JSON.stringify({
    token: { expires_at: '2099-01-01T00:00:00Z', user: { id: '1', name: 'ironic' }, catalog: [] },
  }),
}
const glanceImage = { body: JSON.stringify({ id, status: 'active', size: null }) }
const manifest = JSON.stringify({ schemaVersion: 2, layers: [] })

export const paths: readonly OutgoingPath[] = [
  {
    title: 'the description of an image',
    good: { body: 'image' },
    call: ({ url, dir, signal }) => describeImage(images(dir, url), `${url}/image`, signal),
    error: /ImageRefValidationFailed/,
    unread: inBody,
  },
  {
    title: 'the bytes of an image',
    good: { body: 'image' },
    async call({ url, dir, signal }) {
      const { stream } = await openImage(images(dir, url), `${url}/image`, { signal })
      await readSlowly(stream)
    },
    error: /ImageRefValidationFailed|ImageDownloadFailed/,
    endless: true,
  },
  {
    title: 'a cached image, kernel or kickstart template',
    good: { body: 'image', headers: { 'Cache-Control': 'no-store' } },
    async call({ url, dir, signal }) {
      const cached = await imageCache(images(dir, url)).fetch(`${url}/k`, {
        signal,
        inspect: false,
      })
      await cached.release()
    },
    error: /ImageRefValidationFailed|ImageDownloadFailed/,
    endless: true,
  },
  {
    title: 'a checksum file',
    good: { body: 'd41d8cd98f00b204e9800998ecf8427e' },
    call: ({ url, dir, signal }) => readSmall(images(dir, url), `${url}/sums`, 1_000_000, signal),
    error: /ImageRefValidationFailed|ImageDownloadFailed/,
  },
  {
    title: 'the manifest of an OCI registry',
    good: { body: manifest },
    affected: /manifests/,
    others: { body: '{}' },
    async call({ url, dir, signal }) {
      const reference = readReference(`oci://${url.slice('http://'.length)}/images/disk:latest`)
      const repository = await openRepository({ ctx: images(dir, url), reference, signal }, null)
      const { digest } = await repository.manifest('latest')
      if (digest !== `sha256:${createHash('sha256').update(manifest).digest('hex')}`)
        throw new Error('another manifest')
    },
    error: /ImageRefValidationFailed|another manifest/,
  },
  {
    title: 'the greeting of an OCI registry',
    good: { body: '{}' },
    async call({ url, dir, signal }) {
      const reference = readReference(`oci://${url.slice('http://'.length)}/images/disk:latest`)
      await openRepository({ ctx: images(dir, url), reference, signal }, null)
    },
    error: /ImageRefValidationFailed/,
  },
  {
    title: "Glance's description of an image",
    good: glanceImage,
    call: ({ url, dir, signal }) => describeImage(images(dir, url), `glance://${id}`, signal),
    error: /ImageDownloadFailed/,
  },
  {
    title: "Glance's bytes of an image",
    good: { body: 'image' },
    affected: /file$/,
    others: glanceImage,
    async call({ url, dir, signal }) {
      const { stream } = await openImage(images(dir, url), `glance://${id}`, { signal })
      await readSlowly(stream)
    },
    error: /ImageDownloadFailed/,
    endless: true,
  },
  {
    title: 'an object of Swift',
    good: { status: 201, body: '' },
    async call({ url: endpoint, signal }) {
      const client = createSwiftClient({
        endpoint: () => Promise.resolve(endpoint),
        token: null,
        forgetToken: () => undefined,
        timeoutMs,
      })
      await client.store({ container: 'configdrives', name: 'one' }, 'data', 60, signal)
    },
    error: /Swift operation 'put container' failed/,
  },
  {
    title: 'the ports of Neutron',
    good: { body: JSON.stringify({ ports: [] }) },
    async call({ url: endpoint, signal }) {
      const service = {
        endpoint: () => Promise.resolve(endpoint),
        token: null,
        forgetToken: () => undefined,
        dispatcher: plainAgent,
      }
      await createNeutronClient({ service, timeoutMs, retries: 0 }).ports({ id }, signal)
    },
    error: /NeutronError/,
  },
  {
    title: "Keystone's validation of a token",
    good: { ...token, status: 200 },
    affected: /nocatalog/,
    others: token,
    async call({ url: authUrl }) {
      const client = createKeystoneClient({ authUrl, auth: {}, timeoutMs, attempts: 1 })
      await client.validate('a-token', false)
    },
    error: /Keystone cannot be reached/,
  },
  {
    title: "Keystone's token for this service",
    good: token,
    async call({ url: authUrl, signal }) {
      const clock = systemClock
      await createKeystoneSession({ authUrl, auth: {}, timeoutMs, clock }).token(signal)
    },
    error: /Keystone cannot be reached/,
  },
  {
    title: "an agent's command",
    good: { body: JSON.stringify({ command_name: 'sync', command_status: 'SUCCEEDED' }) },
    async call({ url, signal }) {
      const tls = { verify: false }
      const options = { url, tls, timeoutMs, attempts: 1, clock: systemClock, signal }
      const client = new AgentClient(options)
      try {
        await client.send('standby.sync', {}, { wait: true })
      } finally {
        await client.close()
      }
    },
    error: /AgentUnreachable|AgentNonsense/,
  },
  {
    title: 'a resource of a Redfish service',
    good: { body: JSON.stringify({ Id: '1' }) },
    affected: /Systems/,
    others: { body: JSON.stringify({ RedfishVersion: '1.0' }) },
    async call({ url, signal }) {
      const client = new RedfishClient({
        ...redfish,
        origin: url,
        gate: ({ signal: ended }, work) => work(ended),
      })
      const call = { signal, priority: 'verb' as const }
      try {
        const { json } = await client.get(call, '/redfish/v1/Systems/1')
        if (json === null) throw new Error('no document')
      } finally {
        await client.close(call)
      }
    },
    error: /ConnectionFailed|no document/,
  },
  {
    title: "an inspection rule's api-call",
    good: { body: 'done' },
    async call({ url }) {
      const task = await testTask()
      await callApi(task as unknown as NodeTask, { url, timeout: timeoutMs / 1000, retries: 0 })
    },
    error: /Request to .* failed/,
    unread: inBody,
  },
]

const redfish = {
  verify: false,
  tlsMinimum: null,
  tlsCiphers: null,
  connectTimeoutMs: timeoutMs,
  readTimeoutMs: timeoutMs,
  connections: 2,
  maxAnswerBytes: 8 * 1024 * 1024,
  credentials: { username: null, password: null, authType: 'basic' },
  rootPath: '/redfish/v1',
  attempts: 1,
  retryIntervalMs: 10,
  clock: systemClock,
} as const
