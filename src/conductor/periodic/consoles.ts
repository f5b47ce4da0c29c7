import { asc, eq } from 'drizzle-orm'
import type { AppContext } from '../../context.js'
import { nodes } from '../../db/schema/index.js'
import { startConsole } from '../console.js'
import type { NodeTask } from '../node-task.js'
import { forEachNode, ownedNodes, withIdleNode } from './owned.js'

/** Starts the consoles that were on when the conductor ended (conductor.md 14.1, step 10). */
export async function restoreConsoles(ctx: AppContext, signal: AbortSignal): Promise<void> {
  const rows = await ownedNodes(ctx, eq(nodes.consoleEnabled, true), asc(nodes.id))
  const workers = ctx.config.conductor.periodic_max_workers
  await forEachNode(ctx, rows, workers, signal, (row) =>
    withIdleNode(ctx, row, 'start console', signal, restore),
  )
}

async function restore(task: NodeTask): Promise<void> {
  if (!task.node.consoleEnabled) return
  const error = await startConsole(task)
  if (error === null) return
  const text = `Failed to start console of node ${task.node.uuid} while starting the conductor, so changing the console_enabled status to False, error: ${error}`
  task.recordError(text, 'startup failure')
  task.node.consoleEnabled = false
  await task.save()
}
