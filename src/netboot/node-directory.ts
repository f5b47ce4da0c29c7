/** The directory of a node's boot files: its UUID in a form that every boot program can request. */
import { isUuidLike } from '../identifiers.js'

/**
 * Converts a UUID to a directory name. The UUID is as written when the node was created and may have
 * braces or a `urn:uuid:` prefix, so special characters become `_` and two hexadecimal digits.
 */
export const nodeDirectory = (uuid: string): string =>
  uuid.replaceAll(/[^0-9a-z-]/gi, (character) => `_${character.charCodeAt(0).toString(16)}`)

/** Converts a directory name to a UUID; null when the name is not one of a node. */
export function uuidOfDirectory(name: string): string | null {
  const uuid = name.replaceAll(/_([0-9a-f]{2})/g, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  )
  return isUuidLike(uuid) ? uuid : null
}
