/** Members of a node as clients write them: what a version knows, and how they are read. */
import { covers, versionRange } from '../../contract/versions.js'
import type { ArgumentKind } from '../../contract/types.js'
import { convert } from '../../args/convert.js'
import { Invalid } from '../../../errors.js'
import type { Schema } from '../../validation/json-schema.js'
import type { Config } from '../../../config/index.js'

type Document = Readonly<Record<string, unknown>>

const propertiesOf = (schema: Schema) =>
  Object.entries(schema['properties'] as Record<string, Schema>)
const optionsOf = (property: Schema) =>
  (property['x-ferric'] ?? {}) as { kind?: ArgumentKind; remove?: unknown }

/**
 * Reads members whose form JSON Schema cannot say: words for true and false, UUIDs.
 * @returns a copy with real booleans
 * @throws Invalid 400
 */
export function readMembers(schema: Schema, document: Document): Record<string, unknown> {
  const out: Record<string, unknown> = { ...document }
  for (const [name, property] of propertiesOf(schema)) {
    const { kind } = optionsOf(property)
    if (kind === undefined || out[name] === undefined || out[name] === null) continue
    out[name] = convert(kind, name, out[name])
  }
  return out
}

/** Members that a version does not have yet, with the value that counts as not given. */
export function* membersToCome(schema: Schema, minor: number): Generator<[string, unknown]> {
  for (const [name, property] of propertiesOf(schema)) {
    if (!covers(versionRange(property), minor)) yield [name, property['default'] ?? null]
  }
}

/** Whether a version may take a member away. */
export function isRemovable(schema: Schema, name: string, minor: number): boolean {
  const property = (schema['properties'] as Record<string, Schema>)[name] ?? {}
  return covers(versionRange({ 'x-openstack': optionsOf(property).remove }), minor)
}

/** Booleans that are stored as such: null is not one of their values. */
export function refuseNull(document: Document, names: readonly string[]): void {
  const bad = names.find((name) => document[name] === null)
  if (bad !== undefined) throw new Invalid(`Field \`${bad}' cannot be None`)
}

/**
 * `[api] disallowed_enrollment_boot_modes` against `boot_mode` in capabilities.
 * @throws Invalid 400
 */
export function refuseBootModes(config: Config, capabilities: readonly unknown[]): void {
  const refused = config.api.disallowed_enrollment_boot_modes
  for (const text of capabilities) {
    if (typeof text !== 'string' || refused.length === 0) continue
    for (const item of text.toLowerCase().split(',')) {
      const [key = '', value = ''] = item.split(':').map((s) => s.trim())
      if (key === 'boot_mode' && refused.includes(value)) {
        throw new Invalid(`'${value}' boot mode is not allowed for provisioning operation.`)
      }
    }
  }
}
