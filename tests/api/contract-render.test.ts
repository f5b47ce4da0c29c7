import { describe, expect, it } from 'vitest'
import { renderContract } from '../../src/api/contract/render.js'
import { compileContract } from '../../src/api/contract/load.js'
import { contract } from '../_util/api.js'

const documents = new Map([
  ['common.yaml', { components: { schemas: { Uuid: { type: 'string' } } } }],
  [
    'a.yaml',
    {
      paths: {
        '/v1/a': {
          get: {
            operationId: 'a.list',
            parameters: [
              { name: 'old', in: 'query', schema: { type: 'string' } },
              { name: 'new', in: 'query', 'x-openstack': { 'min-ver': '1.5' }, schema: {} },
            ],
            responses: { 200: { description: 'x' } },
          },
        },
        '/v1/b': {
          get: { operationId: 'b.list', 'x-openstack': { 'min-ver': '1.5' }, responses: {} },
        },
      },
      components: {
        schemas: {
          A: {
            properties: {
              uuid: { $ref: 'common.yaml#/components/schemas/Uuid', 'x-ferric': { short: true } },
              late: { 'x-openstack': { 'min-ver': '1.5' } },
              gone: { 'x-openstack': { 'max-ver': '1.4' } },
            },
            required: ['uuid', 'late'],
          },
        },
      },
    },
  ],
])

describe('the contract at a version', () => {
  it('leaves out what came later or is gone', () => {
    expect(renderContract(documents, 4)).toMatchObject({
      info: { version: '1.4' },
      paths: { '/v1/a': { get: { parameters: [{ name: 'old' }] } } },
    })
    const old = JSON.stringify(renderContract(documents, 4))
    expect(old).not.toContain('/v1/b')
    expect(old).not.toContain('"late"')
    expect(old).toContain('"required":["uuid"]')
    const now = JSON.stringify(renderContract(documents, 5))
    expect(now).toContain('/v1/b')
    expect(now).not.toContain('"gone"')
  })

  it('refers to nothing outside the document and hides what is ours', () => {
    const text = JSON.stringify(renderContract(documents, 5))
    expect(text).toContain('"$ref":"#/components/schemas/common.Uuid"')
    expect(text).not.toContain('x-ferric')
  })

  it('keeps parts of one name in two documents apart', () => {
    const two = new Map(
      ['a', 'b'].map((type) => [`${type}.yaml`, { components: { schemas: { Same: { type } } } }]),
    )
    expect(renderContract(two, 5)['components']).toMatchObject({
      schemas: { 'a.Same': { type: 'a' }, 'b.Same': { type: 'b' } },
    })
  })

  it.each([1, 34, 82, 115])('of the real documents resolves every reference at 1.%i', (minor) => {
    const document = renderContract(contract.documents, minor)
    const merged = new Map([['all.yaml', document]])
    expect(() => compileContract(merged)).not.toThrow()
  })
})
