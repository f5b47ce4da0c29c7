import { and, asc, eq, inArray, isNull, or, type SQL } from 'drizzle-orm'
import type { AppContext } from '../../context.js'
import type { NodeRow } from '../../db/rows.js'
import { nodes } from '../../db/schema/index.js'
import {
  interfaceKinds,
  type BaseInterface,
  type InterfaceKind,
  type FlowControl,
  type InterfacePeriodic,
} from '../../drivers/interfaces.js'
import { Invalid, NodeLocked } from '../../errors.js'
import { systemCaller } from '../work/caller.js'
import { cleanFlow } from '../flows/clean.js'
import { deployFlow } from '../flows/deploy.js'
import { continueFlow } from '../flows/engine.js'
import { serviceFlow } from '../flows/service.js'
import type { StepFlow } from '../flows/types.js'
import type { NodeTask } from '../node/task.js'
import { nodeTask } from '../node/with-node.js'
import { forEachNode, ownedNodes, withIdleNode } from './owned.js'
import type { Periodic } from './schedule.js'

/** The periodic work of the enabled implementations (`InterfacePeriodic`). */
export function interfacePeriodics(ctx: AppContext): Periodic[] {
  return interfaceKinds.flatMap((kind) =>
    enabledOf(ctx, kind).flatMap((implementation) =>
      (implementation.periodics ?? []).map((definition) => ({
        name: `${kind} ${implementation.name}: ${definition.name}`,
        interval: definition.interval(ctx.config),
        run: (context: AppContext, signal: AbortSignal) =>
          runRound(context, { kind, implementation, definition }, signal),
      })),
    ),
  )
}

function enabledOf(ctx: AppContext, kind: InterfaceKind): BaseInterface[] {
  const types = [...ctx.drivers.hardwareTypes.keys()]
  const names = new Set(types.flatMap((type) => ctx.drivers.enabled(type, kind)))
  return [...names].map((name) => ctx.drivers.implementation(kind, name))
}

interface Round {
  readonly kind: InterfaceKind
  readonly implementation: BaseInterface
  readonly definition: InterfacePeriodic
}

/** One round over the nodes that use the implementation and that the ring gives to this conductor. */
export async function runRound(ctx: AppContext, round: Round, signal: AbortSignal): Promise<void> {
  const { definition } = round
  const rows = await ownedNodes(ctx, candidates(round), asc(nodes.id))
  const wanted = rows.filter((row) => definition.filter(row))
  const workers = ctx.config.conductor.periodic_max_workers
  await forEachNode(ctx, wanted, workers, signal, (row) => visit(ctx, round, row, signal))
}

function candidates({ kind, implementation, definition }: Round): SQL | undefined {
  const column = nodes[`${kind}Interface`]
  const states = definition.states
  return and(
    isNull(nodes.reservation),
    or(eq(column, implementation.name), isNull(column)),
    definition.inMaintenance ? undefined : eq(nodes.maintenance, false),
    states === undefined ? undefined : inArray(nodes.provisionState, [...states]),
  )
}

async function visit(
  ctx: AppContext,
  { kind, implementation, definition }: Round,
  row: NodeRow,
  signal: AbortSignal,
): Promise<void> {
  const task = nodeTask(ctx, systemCaller(signal), { row, held: null })
  if (task.driver[kind].name !== implementation.name) return
  const purpose = `${implementation.name} ${definition.name}`
  await definition.run(task, (work) =>
    unlessLocked(() =>
      withIdleNode(ctx, row, purpose, signal, async (held) => {
        const still = definition.states?.includes(held.node.provisionState) ?? true
        if (!still || !definition.filter(held.node)) return
        await work(held, flowControl(held))
        if (!held.handedOver) await held.save()
      }),
    ),
  )
}

async function unlessLocked(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof NodeLocked)) throw error
  }
}

const flows: Readonly<Record<string, StepFlow>> = Object.fromEntries(
  [deployFlow, cleanFlow, serviceFlow].flatMap((flow) => [
    [flow.waiting, flow],
    [flow.running, flow],
  ]),
)

function flowControl(task: NodeTask): FlowControl {
  const flow = () => {
    const found = flows[task.node.provisionState]
    if (found !== undefined) return found
    throw new Invalid(`No flow of steps is under way in ${task.node.provisionState}.`)
  }
  return {
    resume: () => continueFlow(task, flow()),
    fail: (text) => flow().fail(task, text),
  }
}
