import { describe, expect, it } from 'vitest'
import {
  Attributes,
  format,
  FormatError,
  type View,
} from '../../src/conductor/inspection/rules/format.js'
import { interpolateArgs, type RuleData } from '../../src/conductor/inspection/rules/interpolate.js'
import { conditionSpecs } from '../../src/conductor/inspection/rules/operations.js'

const plain: View = (_key, value) => value
const context = new Map<string, unknown>([
  ['node', new Attributes({ uuid: 'u1', properties: { cpus: 4 }, maintenance: false })],
  ['inventory', { cpu: { count: 2 }, disks: [{ name: 'sda' }], '1': 'x', bmc: null }],
])

function faultOf(work: () => unknown): unknown {
  try {
    return work()
  } catch (e) {
    return e
  }
}

describe('templates', () => {
  it.each([
    ['plain', 'plain'],
    ['{inventory[cpu][count]}', '2'],
    ['{node.uuid}/{node.properties[cpus]}', 'u1/4'],
    ['{inventory[disks][0][name]}', 'sda'],
    ['{node.maintenance} {inventory[bmc]}', 'False None'],
    ['{inventory[cpu]}', "{'count': 2}"],
    ['{inventory[cpu]!r} {node.uuid!r}', "{'count': 2} 'u1'"],
    ['{{literal}} {node.uuid}', '{literal} u1'],
  ])('%s becomes %s', (template, text) => {
    expect(format(template, context, plain)).toBe(text)
  })

  it.each([
    ['{inventory[nope]}', true],
    ['{nope}', true],
    ['{inventory[1]}', true], // digits are a number, and so no key of an object
    ['{inventory.cpu}', false],
    ['{node.__class__}', false],
    ['{node.constructor}', false],
    ['{inventory[__proto__]}', true],
    ['{inventory[constructor][name]}', true],
    ['{node.properties.__init__}', false],
    ['{inventory[disks][9]}', false],
    ['{inventory[disks][name]}', false],
    ['{inventory[cpu][count][x]}', false],
    ['{}', false],
    ['{0}', false],
    ['{node.uuid:d}', false],
    ['{node.uuid!s:{node}}', false],
    ['{node', false],
    ['node}', false],
  ])('%s cannot be filled in (missing key: %s)', (template, missingKey) => {
    const fault = faultOf(() => format(template, context, plain))
    expect(fault).toBeInstanceOf(FormatError)
    expect(fault).toMatchObject({ missingKey })
  })
})

const data = (mask: boolean): RuleData => ({
  node: { driver_info: { password: 'mine' } },
  inventory: { bmc: { password: 'p', user: 'u' }, list: [{ auth_token: 't' }] },
  pluginData: {},
  mask,
})
const fill = (
  value: unknown,
  op: 'eq' | 'is-empty' = 'eq',
  mask = true,
  loop?: { item: unknown },
) =>
  interpolateArgs(
    conditionSpecs[op],
    op,
    { [op === 'eq' ? 'values' : 'value']: value },
    data(mask),
    loop,
  )

describe('arguments', () => {
  it('hide secrets of what the ramdisk sent', () => {
    expect(fill(['{inventory[bmc][password]}', '{inventory[list]}'])).toEqual({
      values: ['***', "[{'auth_token': '***'}]"],
    })
    expect(fill(['{inventory[bmc][password]}'], 'eq', false)).toEqual({ values: ['p'] })
  })

  it('stay as they are when they cannot be filled in', () => {
    expect(fill(['{inventory[nope]}', 1, null])).toEqual({ values: ['{inventory[nope]}', 1, null] })
  })

  it('are null for is-empty where a key is missing', () => {
    expect(fill('{inventory[nope]}', 'is-empty')).toEqual({ value: null })
    expect(fill('{node.nope}', 'is-empty')).toEqual({ value: '{node.nope}' })
  })

  it('may hold the item of a loop, which may hold templates', () => {
    const loop = { item: { key: '{inventory[bmc][user]}' } }
    expect(fill('{item[key]}', 'eq', true, loop)).toEqual({ values: 'u' })
    // Upstream fills items of a list once.
    expect(fill(['{item[key]}'], 'eq', true, loop)).toEqual({ values: ['{inventory[bmc][user]}'] })
  })
})
