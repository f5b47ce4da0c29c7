import { describe, expect, it } from 'vitest'
import { Invalid, RoutingError, ServerError } from '../../src/errors.js'
import { faultBody } from '../../src/api/faults.js'

const inner = (text: string) =>
  JSON.parse((JSON.parse(text) as { error_message: string }).error_message) as unknown

const json = { method: 'GET', accept: 'application/json' }

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
