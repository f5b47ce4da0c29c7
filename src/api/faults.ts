import { RoutingError, type IronicError } from '../errors.js'
import { maskUrls } from '../mask.js'
import { errorForm } from './accept.js'
import { errorPage } from './error-page.js'

/** What of a request decides the form of its error. */
export interface Asked {
  readonly method: string
  readonly accept: string | null
}

/**
 * Error bodies (docs/reference/rest-api.md, section 4): a JSON document inside a string. Two forms exist:
 * the fault of a handler and the error of the router, which may also be a page.
 * @param asked by whom the error is read
 * @param traceback shown with a 5xx, where `[DEFAULT] debug_tracebacks_in_api` asks for it
 */
export function faultBody(
  error: IronicError,
  asked: Asked,
  traceback: string | null = null,
): string {
  if (error instanceof RoutingError) {
    return JSON.stringify({ error_message: routingText(error, asked) })
  }
  const fault = {
    faultcode: error.status < 500 ? 'Client' : 'Server',
    faultstring: maskUrls(error.message),
    debuginfo: error.status < 500 ? null : traceback,
  }
  return JSON.stringify({ error_message: JSON.stringify(fault) })
}

function routingText(error: RoutingError, { method, accept }: Asked): string {
  const { status, title, message: detail } = error
  const form = errorForm(accept)
  if (form === 'json') return JSON.stringify({ code: status, title, description: detail })
  return errorPage(form, { status, title, detail, method, accept: accept ?? '' })
}

/** The flat form of limits that are checked before anything is routed. */
export function flatFault(text: string): string {
  return JSON.stringify({ faultcode: 'Client', faultstring: text })
}
