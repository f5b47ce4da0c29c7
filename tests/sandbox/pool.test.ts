import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { conditionsHold, filledArgs } from '../../src/conductor/inspection/rules/sandboxed.js'
import { InvalidKickstartTemplate } from '../../src/netboot/kickstart/errors.js'
import { UndefinedVariable, withoutRaw } from '../../src/netboot/kickstart/jinja.js'
import { render } from '../../src/netboot/kickstart/render.js'

const { signal } = new AbortController()
const template = (text: string, strict = false) =>
  render(text, { agent_token: 'T' }, { strict, signal })

const data = (inventory: Record<string, unknown>, pluginData = {}) => ({
  node: { uuid: 'n', name: 'node-1' },
  inventory,
  pluginData,
  mask: false,
})

interface Watched {
  /** The longest time this thread was busy while the work ran, in milliseconds. */
  readonly pause: number
  readonly error: unknown
}

async function watched(work: Promise<unknown>): Promise<Watched> {
  let [pause, last] = [0, performance.now()]
  const done = new AbortController()
  const watch = async () => {
    while (!done.signal.aborted) {
      await sleep(5)
      const now = performance.now()
      pause = Math.max(pause, now - last)
      last = now
    }
  }
  const watching = watch()
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  done.abort()
  await watching
  return { pause, error }
}

/** A list that is doubled 27 times holds 2^27 strings. */
const doubled = (times: number) =>
  `{% set a = 'x' %}${'{% set a = [a,a] %}'.repeat(times)}{{ a | tojson }}`
const quadrupled = `{% set a = 'x' %}${'{% set a = [a,a,a,a] %}'.repeat(13)}{{ a | tojson }}`

describe('a kickstart template in the sandbox', () => {
  it.each([
    ['quadruples a list 13 times', quadrupled],
    ['doubles a list 27 times', doubled(27)],
  ])(
    'that %s is stopped and delays no other work',
    { timeout: 60_000 },
    async (_scenario, text) => {
      const started = performance.now()
      const { pause, error } = await watched(template(text))
      expect(error).toBeInstanceOf(InvalidKickstartTemplate)
      expect(pause).toBeLessThan(500)
      expect(performance.now() - started).toBeLessThan(20_000)
      expect(await template('{{ ks_options.agent_token }}')).toBe('T')
    },
  )

  it('fails with the same errors as outside of it', async () => {
    await expect(template('{{ ks_options.more }}', true)).rejects.toEqual(
      new UndefinedVariable('ks_options.more'),
    )
    await expect(template('{% if %}')).rejects.toThrow(
      /^The kickstart template cannot be rendered: /,
    )
  })

  it('gets a large value after it is rendered', async () => {
    const config_drive = 'd'.repeat(64 * 1024 * 1024)
    const text = '{% if ks_options.config_drive %}<{{ ks_options.config_drive }}>{% endif %}'
    const rendered = await render(text, { config_drive }, { signal })
    expect(rendered.length).toBe(config_drive.length + 2)
    expect(rendered.startsWith('<ddd')).toBe(true)
  })

  it('serves many at once, and refuses what is too many', { timeout: 60_000 }, async () => {
    const some = await Promise.all(Array.from({ length: 20 }, () => template('a')))
    expect(new Set(some)).toEqual(new Set(['a']))
    const all = await Promise.allSettled(Array.from({ length: 200 }, () => template('a')))
    const refused = all.filter((one) => one.status === 'rejected')
    expect(refused.length).toBeGreaterThan(100)
    expect(String(refused[0]?.reason)).toContain('too many programs are waiting')
  })
})

describe('raw parts of a template', () => {
  it.each([
    ['that nothing closes', '{% raw %}'.repeat(40_000)],
    ['that are many', '{% raw %}x{% endraw %}'.repeat(20_000)],
    ['with much white space', `{% raw ${' '.repeat(400_000)}`],
  ])('%s are found in one pass', (_scenario, text) => {
    const started = performance.now()
    withoutRaw(text)
    expect(performance.now() - started).toBeLessThan(1_000)
  })
})

describe('an inspection rule in the sandbox', () => {
  it('with a regular expression that backtracks is stopped', { timeout: 30_000 }, async () => {
    const inventory = { serial: `${'a'.repeat(40)}!` }
    const condition = {
      op: 'matches',
      args: { value: '{inventory[serial]}', regex: '(a|a|aa)+' },
    }
    const { pause, error } = await watched(conditionsHold([condition], data(inventory), signal))
    expect(String(error)).toContain('it ran for longer than 2 s')
    expect(pause).toBeLessThan(500)
  })

  it.each([
    ['widths that add up', '{node.name:>900000}'.repeat(100)],
    ['widths beyond its memory', '{node.name:>900000}'.repeat(400)],
    ['many copies of the inventory', '{inventory}'.repeat(20_000)],
  ])('with %s is stopped', { timeout: 30_000 }, async (_scenario, value) => {
    const inventory = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, n) => [`key-${n}`, 'x'.repeat(50)]),
    )
    const masked = { ...data(inventory), mask: true }
    const running = filledArgs('set-attribute', { path: 'name', value }, masked, {
      loop: undefined,
      signal,
    })
    const { pause, error } = await watched(running)
    expect(String(error)).toMatch(/An inspection rule was stopped|the result is too long/)
    expect(pause).toBeLessThan(500)
  })

  it('leaves a template with a width beyond all reason as it is', async () => {
    const args = { path: 'name', value: '{node.name:>2000000000}' }
    const loop = { loop: undefined, signal }
    expect(await filledArgs('set-attribute', args, data({}), loop)).toEqual(args)
  })

  it('sees the node, the inventory, the plug-in data and the item of a loop', async () => {
    const value = '{node.name} {inventory[cpu]} {plugin_data[x]} {item}'
    const args = await filledArgs(
      'set-attribute',
      { path: 'name', value },
      data({ cpu: 4 }, { x: 'y' }),
      { loop: { item: '{inventory[cpu]}' }, signal },
    )
    expect(args).toEqual({ path: 'name', value: 'node-1 4 y 4' })
  })

  it.each([
    ['RuleFailed', { op: 'contains', args: { value: 'x', regex: '(' } }, 'invalid regular expr'],
    ['Invalid', { op: 'eq', args: [] }, 'Not enough arguments provided'],
  ])('fails with %s as outside of it', async (name, condition, text) => {
    const failed = await conditionsHold([condition], data({}), signal).catch((e: unknown) => e)
    expect(failed).toMatchObject({ name, message: expect.stringContaining(text) as string })
  })
})
