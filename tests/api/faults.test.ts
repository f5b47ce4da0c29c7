import { describe, expect, it } from 'vitest'
import { Invalid, RoutingError, ServerError } from '../../src/errors.js'
import { faultBody } from '../../src/api/faults.js'

const inner = (text: string) =>
  JSON.parse((JSON.parse(text) as { error_message: string }).error_message) as unknown

describe('fault bodies', () => {
  it('are a document inside a string, with the fault of a handler', () => {
    expect(faultBody(new Invalid('no'))).toBe(
      '{"error_message":"{\\"faultcode\\":\\"Client\\",\\"faultstring\\":\\"no\\",\\"debuginfo\\":null}"}',
    )
  })

  it('have another form for the router', () => {
    expect(inner(faultBody(new RoutingError(404, 'Not Found')))).toEqual({
      code: 404,
      title: 'Not Found',
      description: '',
    })
  })

  it('show a traceback only with what is our own fault', () => {
    expect(inner(faultBody(new ServerError('x'), 'at line 1'))).toMatchObject({
      faultcode: 'Server',
      debuginfo: 'at line 1',
    })
    expect(inner(faultBody(new Invalid('x'), 'at line 1'))).toMatchObject({ debuginfo: null })
  })
})
