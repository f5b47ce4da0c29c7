import type { PassthruAnswer } from '../../../../conductor/operations/vendor.js'
import type { JsonObject } from '../../../../db/columns.js'
import { Invalid } from '../../../../errors.js'
import type { Answer } from '../../../request.js'
import { isObject } from '../../../validation/json-schema.js'

/** An asynchronous method has been accepted; a synchronous one has a value, maybe null. */
export function vendorAnswer(result: PassthruAnswer): Answer {
  return result.async ? { status: 202 } : { status: 200, body: result.value ?? null }
}

/** @throws Invalid 400 for data that is no object: methods take named arguments */
export function vendorArguments(body: unknown): JsonObject {
  if (!isObject(body)) throw new Invalid('The data for a vendor method must be a JSON object.')
  return body
}
