/** What nodes may be called, which differs between versions. */
import { Invalid, NotAcceptable } from '../../../errors.js'
import type { Contract } from '../../contract/load.js'
import { covers, versionRange } from '../../contract/versions.js'
import { isUuidLike } from '../../../identifiers.js'
import { formats } from '../../validation/formats.js'
import type { Schema } from '../../validation/json-schema.js'
import { pyStr } from '../../validation/python-repr.js'

/** First segments below `/v1/nodes` that mean something else, as upstream lists them. */
const reserved = [
  'maintenance',
  'management',
  'states',
  'vendor_passthru',
  'detail',
  'validate',
] as const

/** Whether nodes have names at a version. */
export function namesExist(contract: Contract, minor: number): boolean {
  const field = contract.fields('Node').find((f) => f.name === 'name')
  return field !== undefined && covers(field, minor)
}

/** Whether a text has the form of a name at a version; a UUID may. */
export function isNameForm(contract: Contract, minor: number, text: unknown): boolean {
  const forms = contract.schema('NodeName')['oneOf'] as readonly Schema[]
  const form = forms.find((f) => covers(versionRange(f), minor))
  return typeof text === 'string' && formats[String(form?.['format'])]?.(text) === true
}

/**
 * Checks a name a client wants to give.
 * @param refusal the text for a name that has not the form, up to the quoted name
 * @throws NotAcceptable 406 before names existed, Invalid 400
 */
export function checkNewName(
  contract: Contract,
  minor: number,
  name: unknown,
  refusal: string,
): void {
  if (!namesExist(contract, minor)) throw new NotAcceptable()
  if (!isNameForm(contract, minor, name) || isUuidLike(name)) {
    throw new Invalid(`${refusal} '${pyStr(name)}'`)
  }
  if ((reserved as readonly unknown[]).includes(name)) {
    throw new Invalid(
      `The word "${pyStr(name)}" is reserved and can not be used as a node name. Reserved words are: ${reserved.join(', ')}.`,
    )
  }
}
