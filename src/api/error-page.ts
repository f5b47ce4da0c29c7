/** The router's errors for clients that do not take JSON, in the forms webob gives them. */
import type { ErrorForm } from './accept.js'

export interface PageOf {
  readonly status: number
  readonly title: string
  readonly detail: string
  /** The method and the `Accept` header of the request. */
  readonly method: string
  readonly accept: string
}

interface Sentence {
  readonly lead: string
  /** What the form puts after the detail: room for a comment that nobody fills. */
  readonly tail: { readonly html: string; readonly plain: string }
}

const room = { html: '\n\n', plain: '  ' }
const none = { html: '', plain: '' }

/** @throws never; a status without a sentence of its own has an empty one */
function sentenceOf({ status, method, accept }: PageOf): Sentence {
  switch (status) {
    case 400: {
      const lead =
        'The server could not comply with the request since it is either malformed or otherwise incorrect.'
      return { lead, tail: room }
    }
    case 404:
      return { lead: 'The resource could not be found.', tail: room }
    case 405:
      return { lead: `The method ${method} is not allowed for this resource. `, tail: none }
    case 406: {
      const lead = `The resource could not be generated that was acceptable to your browser\n(content of type ${accept}. `
      return { lead, tail: none }
    }
    default:
      return { lead: '', tail: room }
  }
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#x27;',
}

const escape = (text: string) => text.replace(/[&<>"']/g, (c) => escapes[c] ?? c)

/**
 * The text of an error.
 * @param form how the client wants it
 * @returns an HTML document or plain text, both as one string
 */
export function errorPage(form: Exclude<ErrorForm, 'json'>, page: PageOf): string {
  const heading = `${page.status} ${page.title}`
  const { lead, tail } = sentenceOf(page)
  if (form === 'plain') {
    return `${heading}\n\n${lead.replaceAll('\n', ' ')}\n\n ${page.detail}${tail.plain}`
  }
  return `<html>
 <head>
  <title>${heading}</title>
 </head>
 <body>
  <h1>${heading}</h1>
  ${escape(lead)}<br /><br />
${escape(page.detail)}${tail.html}
 </body>
</html>`
}
