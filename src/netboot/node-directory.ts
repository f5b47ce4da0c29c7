/** Under which name a node's boot files are asked for: its UUID, made fit for any boot program. */
import { isUuidLike } from '../identifiers.js'

/**
 * The UUID as it was written when the node was made, which may have braces or `urn:uuid:` before it:
 * what is special in paths and scripts stands as `_` and two hexadecimal digits.
 */
export const nodeDirectory = (uuid: string): string =>
  uuid.replaceAll(/[^0-9a-z-]/gi, (character) => `_${character.charCodeAt(0).toString(16)}`)

/** The UUID behind a name; null when the name cannot be a node's. */
export function uuidOfDirectory(name: string): string | null {
  const uuid = name.replaceAll(/_([0-9a-f]{2})/g, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  )
  return isUuidLike(uuid) ? uuid : null
}
