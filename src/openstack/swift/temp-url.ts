import { createHmac } from 'node:crypto'

export interface TempUrl {
  /** URL of the cluster, without version and account. */
  readonly endpoint: string
  /** `/VERSION/ACCOUNT/CONTAINER/OBJECT`. */
  readonly path: string
  /** The account's or container's temp URL key. */
  readonly key: string
  readonly expiresAt: Date
}

/**
 * A URL by which anybody may read one object until it expires (Swift's `tempurl` middleware). Signed
 * with SHA-256: Swift takes SHA-1 no more unless it is told to.
 */
export function tempUrl({ endpoint, path, key, expiresAt }: TempUrl): string {
  const expires = Math.floor(expiresAt.getTime() / 1000)
  const signature = createHmac('sha256', key).update(`GET\n${expires}\n${path}`).digest('hex')
  // What is signed is the path as Swift reads it, without its percent signs.
  const escaped = path.split('/').map(encodeURIComponent).join('/')
  return `${endpoint.replace(/\/+$/, '')}${escaped}?temp_url_sig=${signature}&temp_url_expires=${expires}`
}
