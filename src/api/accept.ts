import { IronicError } from '../errors.js'

/** Refused before a handler runs; the text is in the form the client asked for. */
export class AcceptRefused extends IronicError {}

const unavailable = 'The resource could not be generated that was acceptable to your browser'

/**
 * Only JSON is served.
 * @param accept the `Accept` header
 * @throws AcceptRefused 406 with webob's text in HTML or plain form (rest-api.md, 3.2)
 */
export function checkAccept(accept: string | undefined): void {
  const ranges = (accept ?? '').split(',').map((r) => (r.split(';')[0] ?? '').trim().toLowerCase())
  if (ranges.every((r) => r === '')) return
  if (ranges.some((r) => r === '*/*' || r === 'application/*' || r === 'application/json')) return
  throw new AcceptRefused(ranges.includes('text/html') ? html : plain(ranges[0] ?? ''), {
    status: 406,
  })
}

const html = `<html>
 <head>
  <title>406 Not Acceptable</title>
 </head>
 <body>
  <h1>406 Not Acceptable</h1>
  ${unavailable}
(content of type text/html. <br /><br />

 </body>
</html>`

const plain = (type: string) =>
  `406 Not Acceptable\n\n${unavailable} (content of type ${type}. \n\n `
