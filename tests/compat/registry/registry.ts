// Debian's docker-registry on a free port, with a service that gives out tokens, and what is pushed to it.
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { createHash, createPrivateKey, randomUUID, sign } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { installedPeer } from '../../_util/peers/installed.js'
import { until } from '../../_util/peers/until.js'

const run = promisify(execFile)
/** Who may pull and push. */
export const account = 'puller:s3cret:with:colons'
const service = 'test registry'

export type Descriptor = {
  mediaType: string
  digest: string
  size: number
  annotations?: Record<string, string>
  platform?: { architecture: string; os: string }
}

const digestOf = (bytes: Buffer) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`

export class Registry implements AsyncDisposable {
  readonly host: string
  /** Authorization headers the token service was asked with. */
  readonly logins: (string | undefined)[] = []
  readonly #dir: string
  readonly #child: ChildProcess
  readonly #tokens: Server

  private constructor(dir: string, host: string, child: ChildProcess, tokens: Server) {
    this.#dir = dir
    this.host = host
    this.#child = child
    this.#tokens = tokens
  }

  static async start(): Promise<Registry> {
    await installedPeer('registry')
    const dir = await mkdtemp(join(tmpdir(), 'ferric-registry-'))
    const [key, cert] = [join(dir, 'key.pem'), join(dir, 'cert.pem')]
    const subject = ['-subj', '/CN=tokens', '-keyout', key, '-out', cert]
    await run('openssl', [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      '2',
      ...subject,
    ])
    const tokens = createServer()
    await new Promise<void>((resolve) => tokens.listen(0, '127.0.0.1', resolve))
    const realm = `http://127.0.0.1:${(tokens.address() as AddressInfo).port}/token`
    const host = `127.0.0.1:${await freePort()}`
    await writeFile(join(dir, 'config.yml'), configOf(dir, host, realm, cert))
    const child = spawn('docker-registry', ['serve', join(dir, 'config.yml')], { stdio: 'ignore' })
    const registry = new Registry(dir, host, child, tokens)
    await registry.#giveTokens(await readFile(key, 'utf8'), await readFile(cert, 'utf8'))
    const answers = () =>
      fetch(`http://${host}/v2/`).then(
        () => true,
        () => undefined,
      )
    await until(answers, { what: 'answer of the registry', timeoutMs: 20_000 })
    return registry
  }

  async #giveTokens(key: string, cert: string): Promise<void> {
    const der = cert.replace(/-----[^-]+-----|\s/g, '')
    this.#tokens.on('request', (request, response) => {
      this.logins.push(request.headers.authorization)
      const basic = `Basic ${Buffer.from(account).toString('base64')}`
      if (request.headers.authorization !== basic) return response.writeHead(401).end()
      const { searchParams } = new URL(request.url ?? '/', 'http://tokens')
      const [type, name, actions = ''] = (searchParams.get('scope') ?? '').split(':')
      const now = Math.floor(Date.now() / 1000)
      const token = signed(key, der, {
        iss: 'tokens',
        sub: 'puller',
        aud: searchParams.get('service'),
        exp: now + 300,
        nbf: now - 10,
        iat: now,
        jti: randomUUID(),
        access: [{ type, name, actions: actions.split(',') }],
      })
      return response.end(JSON.stringify({ token }))
    })
    await Promise.resolve()
  }

  /** Pushes bytes; they stay in the repository whether or not anything names them. */
  async blob(name: string, bytes: Buffer, mediaType: string): Promise<Descriptor> {
    const digest = digestOf(bytes)
    const begun = await this.#send('POST', name, `/v2/${name}/blobs/uploads/`)
    const at = new URL(begun.headers.get('location') ?? '')
    at.searchParams.set('digest', digest)
    await this.#send('PUT', name, `${at.pathname}${at.search}`, bytes, 'application/octet-stream')
    return { mediaType, digest, size: bytes.length }
  }

  /** Pushes a manifest or an index under a tag, or under its digest. */
  async manifest(name: string, body: { mediaType: string }, tag?: string): Promise<Descriptor> {
    const bytes = Buffer.from(JSON.stringify(body))
    const digest = digestOf(bytes)
    const path = `/v2/${name}/manifests/${tag ?? digest}`
    await this.#send('PUT', name, path, bytes, body.mediaType)
    return { mediaType: body.mediaType, digest, size: bytes.length }
  }

  async #send(method: string, name: string, path: string, body?: Buffer, type?: string) {
    const challenge = (await fetch(`http://${this.host}/v2/`)).headers.get('www-authenticate') ?? ''
    const realm = /realm="([^"]+)"/.exec(challenge)?.[1] ?? ''
    const query = new URLSearchParams({ service, scope: `repository:${name}:pull,push` })
    const basic = `Basic ${Buffer.from(account).toString('base64')}`
    const asked = await fetch(`${realm}?${query.toString()}`, { headers: { authorization: basic } })
    const { token } = (await asked.json()) as { token: string }
    const headers = {
      authorization: `Bearer ${token}`,
      ...(type === undefined ? {} : { 'content-type': type }),
    }
    const sent = body === undefined ? {} : { body: new Uint8Array(body) }
    const answer = await fetch(`http://${this.host}${path}`, { method, headers, ...sent })
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
    return answer
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const gone = new Promise((resolve) => this.#child.once('exit', resolve))
    this.#child.kill('SIGTERM')
    await gone
    this.#tokens.closeAllConnections()
    this.#tokens.close()
    await rm(this.#dir, { recursive: true, force: true })
  }
}

function signed(key: string, der: string, claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const head = `${part({ typ: 'JWT', alg: 'RS256', x5c: [der] })}.${part(claims)}`
  const signature = sign('sha256', Buffer.from(head), createPrivateKey(key))
  return `${head}.${signature.toString('base64url')}`
}

const configOf = (dir: string, host: string, realm: string, cert: string): string => `version: 0.1
log: { level: error }
storage:
  filesystem: { rootdirectory: ${dir}/data }
http: { addr: '${host}' }
auth:
  token: { realm: '${realm}', service: '${service}', issuer: tokens, rootcertbundle: ${cert} }
`

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
