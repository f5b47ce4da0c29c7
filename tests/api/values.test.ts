// Every field a client may write against every kind of value: what a real Ironic took or refused
// (values/ironic-newest.json), Ferric takes or refuses in the same form, and what it refuses leaves no trace.
// `FERRIC_RECORD=1 npx vitest run tests/api/values.test.ts` asks the newest Ironic of PyPI anew; FERRIC_RECORD=rest
// asks it what has not been written down yet.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { contract } from '../_util/api.js'
import { startTarget } from '../_util/peers/target.js'
import { actions } from './values/actions.js'
import { differences, reasonFor, type Difference } from './values/differences.js'
import { record, recorded } from './values/fixture.js'
import { inProcess, overHttp, type Ground } from './values/ground.js'
import { subjects } from './values/subjects.js'
import { NEVER_ENDS, newRefs, probes, type Probe, type Verdicts } from './values/walk.js'

const groups = [...new Set([...subjects, ...actions].map(({ name }) => name))]

function holdToVerdicts(): void {
  let wanted: ReadonlyMap<string, Verdicts>
  const used = new Set<Difference>()
  let ground: Ground & AsyncDisposable
  let all: Probe[]
  beforeAll(async () => {
    wanted = recorded()
    ground = await inProcess()
    const refs = await newRefs(ground)
    all = probes(ground, refs, subjects, actions)
  }, 60_000)
  afterAll(() => ground[Symbol.asyncDispose]())

  /** Upstream's crashes and hangs are answered with a refusal; everything else is the same or has a reason. */
  function isRight(probe: string, value: string, ironic: string, ferric: string): boolean {
    const failed = ironic.startsWith('5') || ironic === 'closed' || ironic.endsWith(NEVER_ENDS)
    if (ironic === ferric || (failed && ferric.startsWith('4'))) return true
    const reason = reasonFor(probe, value, ironic, ferric)
    if (reason) used.add(reason)
    return reason !== undefined
  }

  async function wrong({ name, run }: Probe): Promise<string[]> {
    const expected = wanted.get(name)
    if (expected === undefined) return [`${name}: not recorded`]
    const { verdicts, leavesTraces } = await run()
    const differing = Object.entries(verdicts)
      .filter(([value, ferric]) => !isRight(name, value, expected[value] ?? '', ferric))
      .map(([value, ferric]) => `${name} ${value}: Ironic ${expected[value]}, Ferric ${ferric}`)
    return leavesTraces ? [...differing, `${name}: a refusal was written`] : differing
  }

  it.each(groups)('of %s is taken or refused as by Ironic', { timeout: 240_000 }, async (group) => {
    const found: string[] = []
    for (const probe of all.filter((one) => one.of === group)) found.push(...(await wrong(probe)))
    expect(found).toEqual([])
  })

  it.each(subjects)('of $name has a row for all that can be written', ({ operation, fields }) => {
    const roots = new Set(fields.map((field) => field.split('/')[0]))
    const schema = contract.operations.find(({ id }) => id === operation)?.body ?? {}
    const written = Object.keys(schema['properties'] ?? {})
    expect(written.filter((name) => !roots.has(name))).toEqual([])
    expect(written.length).toBeGreaterThan(0)
  })

  it.each([
    ['clean_steps', 'StepList'],
    ['service_steps', 'StepList'],
    ['deploy_steps', 'DeployStepList'],
  ])('of %s has a row for all that a step may hold', (list, name) => {
    const items = contract.schema(name)['items'] as { properties: object }
    const rows = actions.flatMap(({ fields }) => fields)
    const members = Object.keys(items.properties).map((member) => `${list}/0/${member}`)
    expect(members.filter((member) => !rows.includes(member))).toEqual([])
  })

  it('has no reason to differ that is not needed', () => {
    expect(differences.filter((one) => !used.has(one)).map(({ why }) => why)).toEqual([])
  })
}

function recordVerdicts(): void {
  it('are written down', { timeout: 1_800_000 }, async () => {
    const conf = { conductor: { automated_clean: 'false' } }
    await using target = await startTarget('ironic-newest', conf)
    const ground = overHttp(target.url)
    const refs = await newRefs(ground)
    const kept = process.env.FERRIC_RECORD === 'rest' ? recorded() : []
    const found = new Map<string, Verdicts>(kept)
    const all = probes(ground, refs, subjects, actions)
    for (const probe of all.filter(({ name }) => !found.has(name))) {
      found.set(probe.name, (await probe.run()).verdicts)
      record(found)
    }
    expect(found.size).toBe(all.length)
  })
}

if (process.env.FERRIC_RECORD) {
  describe('the verdicts of the newest Ironic', () => {
    recordVerdicts()
  })
} else {
  describe('every kind of value', () => {
    holdToVerdicts()
  })
}
