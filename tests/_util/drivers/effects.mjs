// A driver package for tests: a deploy interface of six steps, a clean step and a tear-down, whose
// effects are lines of a file that outlives every process. A step can be held before or after its
// effect, so that a test may kill the process there.
import { appendFileSync, existsSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

const dir = process.env.FERRIC_EFFECTS_DIR ?? '.'
const stepMs = Number(process.env.FERRIC_EFFECTS_STEP_MS ?? 5)

const write = (task, what, name) =>
  appendFileSync(join(dir, 'effects.log'), `${task.node.uuid} ${name} ${what} ${process.pid}\n`)

/** Waits to be killed when the test left a file that asks for it. */
async function hold(task, name, where) {
  const file = join(dir, `${task.node.uuid}.${name}.${where}`)
  if (!existsSync(file)) return
  unlinkSync(file)
  write(task, `held-${where}`, name)
  await delay(600_000, undefined, { signal: task.signal })
}

async function effect(task, name) {
  await hold(task, name, 'before')
  if (stepMs > 0) await delay(stepMs, undefined, { signal: task.signal })
  write(task, 'effect', name)
  await hold(task, name, 'after')
}

const step = (kind, name, priority) => ({
  step: name,
  kind,
  priority,
  argsinfo: null,
  async run(task) {
    await effect(task, name)
    return undefined
  },
})

const nothing = async () => undefined

export const ferricDrivers = {
  interfaces: [
    {
      name: 'effects',
      kind: 'deploy',
      properties: {},
      steps: [
        ...[1, 2, 3, 4, 5, 6].map((n) => step('deploy', `step${n}`, 100 - n)),
        step('clean', 'erase', 10),
      ],
      validate: nothing,
      prepare: nothing,
      tearDown: (task) => effect(task, 'teardown'),
      cleanUp: nothing,
      takeOver: nothing,
      prepareCleaning: nothing,
      tearDownCleaning: nothing,
      prepareService: nothing,
      tearDownService: nothing,
    },
  ],
}
