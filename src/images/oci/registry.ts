/** A repository of a container registry (OCI Distribution Spec v1.1). */
import { createHash } from 'node:crypto'
import { exchange, type Answer } from '../../http.js'
import type { ImageContext } from '../context.js'
import { ImageNotAuthorized, ImageNotFound, ImageRefValidationFailed } from '../errors.js'
import { reasonOf } from '../sources/http.js'
import { webserverAgent, webserverHeadersMs } from '../sources/transport.js'
import type { OciReference } from './reference.js'
import type { OciCredentials, OciManifest } from './types.js'

export interface OciRepository {
  /** The Authorization header's value; null when the repository needs none. */
  readonly authorization: string | null
  /**
   * Reads a manifest or index by tag or digest.
   * @returns it with its digest
   * @throws ImageNotFound, ImageNotAuthorized, ImageRefValidationFailed
   */
  manifest(target: string): Promise<{ digest: string; manifest: OciManifest }>
  /** Returns where the bytes of a digest are. */
  blobUrl(digest: string): string
}

const accepted = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ')
/** The size of manifest that every registry must accept (OCI Distribution Spec, "Pushing Manifests"). */
const maxBytes = 4 * 1024 * 1024
/** How often a registry that answers 429 is tried. */
const [tries, longestWaitMs] = [5, 60_000]

interface Access {
  readonly ctx: ImageContext
  readonly reference: OciReference
  readonly signal: AbortSignal
}

/**
 * Logs in to the registry of a reference, for pulling.
 * @throws ImageNotAuthorized, ImageRefValidationFailed
 */
export async function openRepository(
  access: Access,
  credentials: OciCredentials | null,
): Promise<OciRepository> {
  const { reference } = access
  const { base, challenge } = await greet(access)
  const authorization = challenge === null ? null : await answerTo(access, challenge, credentials)
  return {
    authorization,
    async manifest(target) {
      const url = `${base}/${reference.name}/manifests/${target}`
      const headers = { accept: accepted, ...(authorization === null ? {} : { authorization }) }
      const response = await get(access, url, headers)
      return verified(access, target, response.body)
    },
    blobUrl: (digest) => `${base}/${reference.name}/blobs/${digest}`,
  }
}

/** Returns the root of the API, and the challenge with which it requires a login. */
async function greet(access: Access): Promise<{ base: string; challenge: string | null }> {
  const { host } = access.reference
  const plain = access.ctx.config.oci.permit_fallback_to_http_transport
  for (const scheme of plain ? (['https', 'http'] as const) : (['https'] as const)) {
    const base = `${scheme}://${host}/v2`
    try {
      const response = await get(access, `${base}/`, {}, [200, 401])
      const header = response.headers['www-authenticate']
      const challenge = response.status === 401 ? [header].flat().join(', ') : null
      return { base, challenge }
    } catch (error) {
      // A registry that speaks TLS is never tried without.
      if (scheme === 'http' || !plain || !(error instanceof ImageRefValidationFailed)) throw error
    }
  }
  throw new Error('no scheme was tried')
}

const parameter = (challenge: string, name: string): string | null =>
  new RegExp(`${name}="([^"]*)"`, 'i').exec(challenge)?.[1] ?? null

async function answerTo(
  access: Access,
  challenge: string,
  credentials: OciCredentials | null,
): Promise<string> {
  const basic =
    credentials === null
      ? null
      : `Basic ${Buffer.from(`${credentials.user}:${credentials.password}`).toString('base64')}`
  if (/^bearer /i.test(challenge)) return `Bearer ${await bearerToken(access, challenge, basic)}`
  if (/^basic /i.test(challenge) && basic !== null) return basic
  throw new ImageNotAuthorized(access.reference.href)
}

/** Gets a token from the service that the registry names (Docker's token authentication). */
async function bearerToken(
  access: Access,
  challenge: string,
  authorization: string | null,
): Promise<string> {
  const { name, href } = access.reference
  const [realm, service] = [parameter(challenge, 'realm'), parameter(challenge, 'service')]
  const safe = access.ctx.config.oci.permit_fallback_to_http_transport ? /^https?:/ : /^https:/
  if (realm === null || !safe.test(realm) || !URL.canParse(realm)) {
    throw new ImageRefValidationFailed(href, 'Its registry names no service for tokens by https.')
  }
  const url = new URL(realm)
  if (service !== null) url.searchParams.set('service', service)
  url.searchParams.set('scope', `repository:${name}:pull`)
  const headers = authorization === null ? {} : { authorization }
  const { body } = await get(access, url.href, headers)
  const answer = parsed(access, body.toString()) as Record<string, unknown>
  const token = answer['token'] ?? answer['access_token']
  if (typeof token === 'string') return token
  throw new ImageRefValidationFailed(href, 'The token service of its registry gave no token.')
}

/** @throws ImageNotFound, ImageNotAuthorized, ImageRefValidationFailed */
async function get(
  access: Access,
  url: string,
  headers: Record<string, string>,
  accept: readonly number[] = [200],
): Promise<Answer> {
  const { href } = access.reference
  for (let attempt = 1; ; attempt += 1) {
    const response = await once(access, url, headers)
    const { status } = response
    if (accept.includes(status)) return response
    if (status === 404) throw new ImageNotFound(href)
    if (status === 401 || status === 403) throw new ImageNotAuthorized(href)
    if (status !== 429 || attempt === tries) {
      throw new ImageRefValidationFailed(href, `Its registry answered ${status}.`)
    }
    const longest = Math.min(1500 * 2 ** attempt, longestWaitMs)
    await access.ctx.clock.sleep(Math.random() * longest, access.signal)
  }
}

async function once(
  { ctx, reference, signal }: Access,
  url: string,
  headers: Record<string, string>,
): Promise<Answer> {
  const dispatcher = webserverAgent(ctx)
  const timeoutMs = webserverHeadersMs(ctx.config)
  try {
    return await exchange(url, { headers, signal, dispatcher, timeoutMs, maxBytes })
  } catch (cause) {
    signal.throwIfAborted()
    throw new ImageRefValidationFailed(reference.href, reasonOf(cause), cause)
  }
}

function verified(access: Access, target: string, bytes: Buffer) {
  const [, algorithm = 'sha256'] = /^(sha256|sha512):/.exec(target) ?? []
  const digest = `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`
  if (target.includes(':') && digest !== target) {
    const why = `Its manifest has the digest ${digest}, not the requested one.`
    throw new ImageRefValidationFailed(access.reference.href, why)
  }
  return { digest, manifest: parsed(access, bytes.toString()) as OciManifest }
}

function parsed({ reference }: Access, text: string): object {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return value
  } catch {
    // The error below is the same as for JSON that is not an object.
  }
  throw new ImageRefValidationFailed(
    reference.href,
    'Its registry answered something other than a JSON object.',
  )
}
