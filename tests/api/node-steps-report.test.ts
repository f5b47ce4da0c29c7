import { describe, expect, it } from 'vitest'
import { errorReport } from '../../src/api/validation/error-report.js'
import { pyFormat } from '../../src/api/validation/python-pprint.js'
import { contract } from '../_util/api.js'

// Recorded: upstream's answer for a step with a member too many.
const recorded = `Additional properties are not allowed ('foo' was unexpected)

Failed validating 'additionalProperties' in schema['items']:
    {'additionalProperties': False,
     'properties': {'args': {'description': 'additional args',
                             'properties': {},
                             'type': 'object'},
                    'execute_on_child_nodes': {'description': 'Boolean if '
                                                              'the step '
                                                              'should be '
                                                              'executed on '
                                                              'child '
                                                              'nodes.',
                                               'type': 'boolean'},
                    'interface': {'description': 'driver interface',
                                  'enum': ['vendor',
                                           'power',
                                           'management',
                                           'firmware',
                                           'deploy',
                                           'bios',
                                           'raid']},
                    'limit_child_node_execution': {'description': 'List of '
                                                                  'nodes '
                                                                  'upon '
                                                                  'which '
                                                                  'to '
                                                                  'execute '
                                                                  'child '
                                                                  'node '
                                                                  'steps '
                                                                  'on.',
                                                   'type': 'array'},
                    'order': {'anyOf': [{'minimum': 0, 'type': 'integer'},
                                        {'minLength': 1,
                                         'pattern': '^[0-9]+$',
                                         'type': 'string'}]},
                    'step': {'description': 'name of clean step',
                             'minLength': 1,
                             'type': 'string'}},
     'required': ['interface', 'step'],
     'type': 'object'}

On instance[0]:
    {'foo': 1, 'interface': 'deploy', 'step': 'x'}`

describe('the report of a schema error', () => {
  it('reads as python-jsonschema prints it', () => {
    const steps = [{ foo: 1, interface: 'deploy', step: 'x' }]
    expect(errorReport(steps, contract.schema('StepList'))).toBe(recorded)
  })

  it('names the place nearest to the root when several fail', () => {
    const steps = [{ foo: 1, interface: 'deploy', step: 1 }]
    expect(errorReport(steps, contract.schema('StepList'))).toContain("('foo' was unexpected)")
  })

  it('is null for a list that has the form', () => {
    const steps = [{ interface: 'deploy', step: 'x', order: '7' }]
    expect(errorReport(steps, contract.schema('StepList'))).toBeNull()
  })
})

describe('pyFormat', () => {
  it.each([
    [1, '1'],
    [{ b: 1, a: [true, null] }, "{'a': [True, None], 'b': 1}"],
    ['word '.repeat(20).trim(), `('${'word '.repeat(13)}'\n '${'word '.repeat(7).trim()}')`],
  ])('prints %j', (value, text) => {
    expect(pyFormat(value)).toBe(text)
  })
})
