/** Checks on names of fields that clients give in `fields`, `sort_key` and bodies. */
import { Invalid, InvalidParameterValue, NotAcceptable } from '../errors.js'
import type { Contract } from './contract/load.js'
import type { Field } from './contract/types.js'
import { covers } from './contract/versions.js'
import { isObject } from './validation/json-schema.js'

const hidesOnly = ({ schema }: Field): boolean =>
  isObject(schema['x-ferric']) && schema['x-ferric']['gate'] === 'hide'

/**
 * Refuses names of fields that exist, but not at this version.
 * @param names of what a request uses; names that are no fields are left to others
 * @throws NotAcceptable 406
 */
export function gateFields(
  contract: Contract,
  schemaName: string,
  minor: number,
  names: readonly string[] | undefined,
): void {
  if (names === undefined) return
  const early = (f: Field) => names.includes(f.name) && !covers(f, minor) && !hidesOnly(f)
  if (contract.fields(schemaName).some(early)) throw new NotAcceptable()
}

/**
 * @param minor when given, a field newer than it is unknown too
 * @throws InvalidParameterValue 400 naming what is no field of the object
 */
export function refuseUnknownFields(
  contract: Contract,
  schemaName: string,
  names: readonly string[] | undefined,
  minor?: number,
): void {
  const fields = contract.fields(schemaName).filter((f) => minor === undefined || covers(f, minor))
  const known = fields.map((f) => f.name)
  const bad = (names ?? []).filter((n) => !known.includes(n))
  if (bad.length > 0) throw new InvalidParameterValue(`Field(s) "${bad.join(', ')}" are not valid`)
}

/** @throws Invalid 400 when both all fields and some are asked for */
export function refuseDetailWithFields(args: {
  detail?: boolean | undefined
  fields?: readonly string[] | undefined
}): void {
  if (args.detail === true && args.fields !== undefined) {
    throw new Invalid('Can not specify ?detail=True and fields in the same request.')
  }
}
