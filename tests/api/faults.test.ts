import { describe, expect, it } from 'vitest'
import { DrizzleQueryError } from 'drizzle-orm'
import { fromUnknown, Invalid, RoutingError, ServerError } from '../../src/errors.js'
import { faultBody } from '../../src/api/faults.js'

const inner = (text: string) =>
  JSON.parse((JSON.parse(text) as { error_message: string }).error_message) as unknown

const json = { method: 'GET', accept: 'application/json' }

describe('the status of an error of the database', () => {
  const coded = (code: string) => Object.assign(new Error(code), { code })
  const inQuery = (code: string) => new DrizzleQueryError('select 1', [], coded(code))

  it.each([
    ['a closed connection', coded('CONNECTION_CLOSED'), 503],
    ['an ended pool', inQuery('CONNECTION_ENDED'), 503],
    ['a connection in time', coded('CONNECT_TIMEOUT'), 503],
    ['a refused connection', inQuery('ECONNREFUSED'), 503],
    ['a broken pipe', inQuery('EPIPE'), 503],
    ['a full disk', inQuery('53100'), 503],
    ['an I/O error', inQuery('58030'), 503],
    ['the refused connection of another service', coded('ECONNREFUSED'), 500],
    ['a wrong statement', inQuery('42601'), 500],
  ])('%s', (_scenario, error, status) => {
    const answer = fromUnknown(error)
    expect(answer.status).toBe(status)
    expect(answer.headers['Retry-After']).toBe(status === 503 ? '5' : undefined)
  })
})

describe('fault bodies', () => {
  it('are a document inside a string, with the fault of a handler', () => {
    expect(faultBody(new Invalid('no'), json)).toBe(
      '{"error_message":"{\\"faultcode\\":\\"Client\\",\\"faultstring\\":\\"no\\",\\"debuginfo\\":null}"}',
    )
  })

  it('have another form for the router', () => {
    expect(inner(faultBody(new RoutingError(404, 'Not Found'), json))).toEqual({
      code: 404,
      title: 'Not Found',
      description: '',
    })
  })

  it.each([
    ['text/html', /^<html>\n <head>\n {2}<title>404 Not Found<\/title>/],
    ['text/html;q=0.4, application/json;q=0.3', /^<html>/],
    ['text/*', /^<html>/],
    ['garbage', /^<html>/],
    ['text/plain', /^404 Not Found\n\nThe resource could not be found\.\n\n {3}$/],
    ['application/json;q=0', /^404 Not Found/],
    ['text/html;q=0.3, application/json', /^\{"code":404/],
    ['*/*', /^\{"code":404/],
    ['', /^404 Not Found/],
    ['application/json; charset=utf-8', /^404 Not Found/],
    [null, /^\{"code":404/],
  ])('are pages of the router for who asks for %s', (accept, text) => {
    const body = faultBody(new RoutingError(404, 'Not Found'), { method: 'GET', accept })
    expect((JSON.parse(body) as { error_message: string }).error_message).toMatch(text)
  })

  it('escape what the client sent', () => {
    const accept = 'text/html, x/<b>'
    const body = faultBody(new RoutingError(406, 'Not Acceptable'), { method: 'GET', accept })
    expect(body).toContain('x/&lt;b&gt;')
    expect(body).not.toContain('<b>')
  })

  it('show a traceback only with what is our own fault', () => {
    expect(inner(faultBody(new ServerError('x'), json, 'at line 1'))).toMatchObject({
      faultcode: 'Server',
      debuginfo: 'at line 1',
    })
    expect(inner(faultBody(new Invalid('x'), json, 'at line 1'))).toMatchObject({ debuginfo: null })
  })
})
