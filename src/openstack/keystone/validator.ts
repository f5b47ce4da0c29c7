/**
 * Validated tokens, kept under a hash for a while. While Keystone is down, tokens that were
 * seen go on working until they expire.
 */
import { createHash } from 'node:crypto'
import type { Clock } from '../../clock.js'
import { KeystoneUnavailable, type KeystoneClient, type TokenDocument } from './client.js'

interface Entry {
  readonly token: TokenDocument | null
  readonly freshUntil: number
}

export interface TokenValidator {
  /**
   * @returns the token, or null when it is unknown, revoked or expired
   * @throws KeystoneUnavailable when it was not seen before and Keystone does not answer
   */
  validate(token: string, allowExpired?: boolean): Promise<TokenDocument | null>
}

const mostEntries = 10_000
/**
 * After silence Keystone is left alone for as long as it let us wait, and so long at most: nobody waits
 * for it again. A closed port says so at once, so a Keystone that is back is asked at once. A refusal
 * or a fault of Keystone does not count, as one odd token could bring it about for everybody.
 */
const longestQuietMs = 2_000
/** Nobody's token is longer; a longer header is not worth a request. */
const longestToken = 16_384

export function createTokenValidator(
  client: KeystoneClient,
  clock: Clock,
  cacheSeconds: number,
): TokenValidator {
  const entries = new Map<string, Entry>()
  const pending = new Map<string, Promise<TokenDocument | null>>()
  const now = () => clock.now().getTime()
  let quietUntil = 0

  const remember = (key: string, token: TokenDocument | null) => {
    if (cacheSeconds <= 0) return
    entries.delete(key)
    entries.set(key, { token, freshUntil: now() + cacheSeconds * 1000 })
    const oldest = entries.keys().next().value
    if (entries.size > mostEntries && oldest !== undefined) entries.delete(oldest)
  }

  const ask = async (token: string, allowExpired: boolean) => {
    if (now() < quietUntil) throw new KeystoneUnavailable('Keystone did not answer just now')
    const began = now()
    try {
      return await client.validate(token, allowExpired)
    } catch (e) {
      if (e instanceof KeystoneUnavailable && e.silent)
        quietUntil = now() + Math.min(now() - began, longestQuietMs)
      throw e
    }
  }

  const fetch = async (key: string, token: string, allowExpired: boolean) => {
    try {
      const document = await ask(token, allowExpired)
      remember(key, document)
      return document
    } catch (e) {
      const seen = entries.get(key)?.token
      if (e instanceof KeystoneUnavailable && seen) return seen
      throw e
    }
  }

  return {
    async validate(token, allowExpired = false) {
      if (token.length > longestToken || !/^[\x21-\x7e]+$/.test(token)) return null
      const key = createHash('sha256').update(`${allowExpired}:${token}`).digest('base64')
      const entry = entries.get(key)
      const document =
        entry !== undefined && entry.freshUntil > now()
          ? entry.token
          : await once(pending, key, () => fetch(key, token, allowExpired))
      if (document === null) return null
      return allowExpired || Date.parse(document.expires_at) > now() ? document : null
    },
  }
}

/** Requests with the same token share one question to Keystone. */
function once<T>(pending: Map<string, Promise<T>>, key: string, start: () => Promise<T>) {
  const running = pending.get(key)
  if (running !== undefined) return running
  const started = start().finally(() => pending.delete(key))
  pending.set(key, started)
  return started
}
