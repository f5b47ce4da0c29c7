import { RoutingError, type IronicError } from '../errors.js'
import { AcceptRefused } from './accept.js'

/**
 * Error bodies (rest-api.md, section 4): a JSON document inside a string. Two forms exist:
 * the fault of a handler and the error of the router.
 * @param traceback shown with a 5xx, where `[DEFAULT] debug_tracebacks_in_api` asks for it
 */
export function faultBody(error: IronicError, traceback: string | null = null): string {
  if (error instanceof AcceptRefused) return JSON.stringify({ error_message: error.message })
  const inner =
    error instanceof RoutingError
      ? { code: error.status, title: error.title, description: error.message }
      : {
          faultcode: error.status < 500 ? 'Client' : 'Server',
          faultstring: error.message,
          debuginfo: error.status < 500 ? null : traceback,
        }
  return JSON.stringify({ error_message: JSON.stringify(inner) })
}

/** The flat form of limits that are checked before anything is routed. */
export function flatFault(text: string): string {
  return JSON.stringify({ faultcode: 'Client', faultstring: text })
}
