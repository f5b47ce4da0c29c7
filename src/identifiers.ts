/** Forms of identifiers that every layer meets. */

/** As oslo's `is_uuid_like`: canonical after dropping `urn:`, `uuid:`, braces, dashes and case. */
export function isUuidLike(value: unknown): boolean {
  if (typeof value !== 'string') return false
  const bare = value
    .replaceAll('urn:', '')
    .replaceAll('uuid:', '')
    .replace(/^[{}]+|[{}]+$/g, '')
  return /^[0-9a-f]{32}$/i.test(bare.replaceAll('-', ''))
}

/** Colons only, as oslo's `is_valid_mac`. */
export function isMacAddress(value: unknown): boolean {
  return typeof value === 'string' && /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(value)
}
