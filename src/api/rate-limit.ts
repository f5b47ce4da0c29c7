/** `[ferric] requests_per_minute`: no user may keep the API from the others. */
import type { Clock } from '../clock.js'
import type { Authenticate } from './auth/authenticator.js'
import { isPublicPath } from './auth/public-paths.js'
import { tooManyRequests } from './auth/refused.js'

interface Bucket {
  readonly tokens: number
  readonly at: number
}

const mostBuckets = 10_000

/**
 * Counts requests by user: as many at once as in a minute, then as they come back. Ramdisks and
 * version discovery are not counted.
 * @param perMinute 0 to count nothing
 * @returns the check with the limit after it; it throws AuthRefused 429 with `Retry-After`
 */
export function limitRate(check: Authenticate, clock: Clock, perMinute: number): Authenticate {
  if (perMinute === 0) return check
  const buckets = new Map<string, Bucket>()
  const take = (key: string): void => {
    const now = clock.now().getTime()
    const { tokens, at } = buckets.get(key) ?? { tokens: perMinute, at: now }
    const left = Math.min(perMinute, tokens + ((now - at) / 60_000) * perMinute) - 1
    if (left < 0) throw tooManyRequests(Math.ceil((-left * 60) / perMinute))
    buckets.delete(key)
    buckets.set(key, { tokens: left, at: now })
    const oldest = buckets.keys().next().value
    if (buckets.size > mostBuckets && oldest !== undefined) buckets.delete(oldest)
  }
  return async (request, path, address) => {
    const auth = await check(request, path, address)
    if (!isPublicPath(path)) take(JSON.stringify([auth.userId, auth.projectId]))
    return auth
  }
}
