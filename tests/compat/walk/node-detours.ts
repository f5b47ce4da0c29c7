// Adopt, abort, hold, service, protection, retirement: the roads off the main one.
import { expect } from 'vitest'
import { WAIT, arg, enroll, moves, refused, show, type Walker } from './walker.js'

const HOLD_STEPS = [{ interface: 'power', step: 'hold', args: {}, priority: 50 }]
const LOG_STEP = { interface: 'vendor', step: 'log_passthrough', args: {} }

const stateOf = (walker: Walker, node: string) => async () =>
  (await show(walker, node)).provision_state

async function rests(walker: Walker, node: string, state: string): Promise<void> {
  await expect.poll(stateOf(walker, node), { timeout: 30_000, interval: 100 }).toBe(state)
}

/** A machine that already runs is taken over without a deploy, protected, released. */
export async function adopt(walker: Walker): Promise<void> {
  const node = 'adopt-1'
  await enroll(walker, node)
  await walker.cli.run(
    'baremetal',
    'node',
    'set',
    node,
    '--instance-info',
    'image_source=http://127.0.0.1/image',
  )
  await moves(walker, node, ['manage'], 'manageable')
  await moves(walker, node, ['adopt'], 'active')
  const protect = ['--protected', '--protected-reason', 'payroll']
  await walker.cli.run('baremetal', 'node', 'set', node, ...protect)
  const said = await refused(walker, 'node', 'undeploy', node)
  expect(said).toContain('protected')
  await walker.cli.run('baremetal', 'node', 'unset', node, '--protected')
  await moves(walker, node, ['undeploy'], 'available')
  await walker.cli.run('baremetal', 'node', 'delete', node)
}

/** Work that waits is aborted: the node fails in the open and comes back by hand. */
export const abort = (walker: Walker): Promise<void> =>
  walker.real ? abortWaitingClean(walker) : abortHeldDeploy(walker)

/** With a deploy interface that boots a ramdisk, cleaning waits for its first call. */
async function abortWaitingClean(walker: Walker): Promise<void> {
  const node = 'abort-1'
  await enroll(walker, node, '--deploy-interface', 'direct')
  await moves(walker, node, ['manage'], 'manageable')
  await walker.cli.run('baremetal', 'node', 'provide', node)
  await rests(walker, node, 'clean wait')
  await walker.cli.run('baremetal', 'node', 'abort', node)
  await rests(walker, node, 'clean failed')
  await expect
    .poll(() => show(walker, node), { timeout: 20_000 })
    .toMatchObject({ reservation: null, last_error: 'By request, the clean operation was aborted' })
  await walker.cli.run('baremetal', 'node', 'manage', ...WAIT, node)
  await walker.cli.run('baremetal', 'node', 'delete', node)
}

/** The step that holds is known to upstream, which loses it on its way to the node; Ferric holds. */
async function abortHeldDeploy(walker: Walker): Promise<void> {
  const node = 'abort-1'
  await enroll(walker, node)
  await moves(walker, node, ['manage'], 'manageable')
  await moves(walker, node, ['provide'], 'available')
  await walker.cli.run('baremetal', 'node', 'deploy', '--deploy-steps', arg(HOLD_STEPS), node)
  await rests(walker, node, 'deploy hold')
  await walker.cli.run('baremetal', 'node', 'unhold', node)
  await rests(walker, node, 'wait call-back')
  await walker.cli.run('baremetal', 'node', 'undeploy', ...WAIT, node)
  await walker.cli.run('baremetal', 'node', 'deploy', '--deploy-steps', arg(HOLD_STEPS), node)
  await rests(walker, node, 'deploy hold')
  await walker.cli.run('baremetal', 'node', 'abort', node)
  await rests(walker, node, 'deploy failed')
  await moves(walker, node, ['undeploy'], 'available')
  await walker.cli.run('baremetal', 'node', 'delete', node)
}

/** Serviced while active, which is new with 1.87. */
export async function service(walker: Walker): Promise<void> {
  const node = 'service-1'
  await enroll(walker, node)
  await moves(walker, node, ['manage'], 'manageable')
  await moves(walker, node, ['provide'], 'available')
  await moves(walker, node, ['deploy'], 'active')
  await moves(walker, node, ['service', '--service-steps', arg([LOG_STEP])], 'active')
  await moves(walker, node, ['undeploy'], 'available')
  await walker.cli.run('baremetal', 'node', 'delete', node)
}

/** A retired node is cleaned but not offered again. */
export async function retire(walker: Walker): Promise<void> {
  const node = 'retire-1'
  await enroll(walker, node)
  await moves(walker, node, ['manage'], 'manageable')
  await walker.cli.run('baremetal', 'node', 'set', node, '--retired', '--retired-reason', 'old')
  expect(await refused(walker, 'node', 'provide', node)).toContain('retired')
  await walker.cli.run('baremetal', 'node', 'unset', node, '--retired')
  await moves(walker, node, ['provide'], 'available')
  await walker.cli.run('baremetal', 'node', 'delete', node)
}
