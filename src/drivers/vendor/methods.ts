import type { JsonObject } from '../../db/columns.js'
import type { PassthruMethod } from '../interfaces.js'
import { MissingParameterValue } from '../../errors.js'
import { isTruthy } from '../driver-info/fields.js'

/** The usual passthru method: POST, asynchronous, under the exclusive lock. */
export const passthru = (
  description: string,
  run: PassthruMethod['run'],
  differs: Partial<Omit<PassthruMethod, 'run' | 'description'>> = {},
): PassthruMethod => ({
  httpMethods: ['POST'],
  async: true,
  attach: false,
  requireExclusiveLock: true,
  description,
  run,
  ...differs,
})

/**
 * Checks that the fake methods' only argument is there.
 * @throws MissingParameterValue
 */
export function requireBar(method: string, args: JsonObject): void {
  if (!isTruthy(args['bar'])) {
    throw new MissingParameterValue(`Parameter 'bar' not passed to method '${method}'.`)
  }
}
