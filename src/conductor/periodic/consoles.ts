import { asc, eq } from 'drizzle-orm'
import type { AppContext } from '../../context.js'
import type { NodeRow } from '../../db/rows.js'
import { nodes } from '../../db/schema/index.js'
import { NodeLocked } from '../../errors.js'
import { startConsole } from '../node/console.js'
import type { NodeTask } from '../node/task.js'
import { forEachNode, ownedNodes, withIdleNode } from './owned.js'

/** Between looks at nodes that somebody else had reserved. */
const lookAgainMs = 5_000

/**
 * Starts the consoles that were on when the conductor ended (docs/reference/conductor.md 14.1, step 10). Those of
 * nodes that are reserved, for work that goes on after the restart, follow when that is over.
 */
export async function restoreConsoles(ctx: AppContext, signal: AbortSignal): Promise<void> {
  const workers = ctx.config.conductor.periodic_max_workers
  let rows = await ownedNodes(ctx, eq(nodes.consoleEnabled, true), asc(nodes.id))
  for (;;) {
    const locked: NodeRow[] = []
    await forEachNode(ctx, rows, workers, signal, async (row) => {
      try {
        await withIdleNode(ctx, row, 'start console', signal, restore)
      } catch (error) {
        if (!(error instanceof NodeLocked)) throw error
        locked.push(row)
      }
    })
    if (locked.length === 0) return
    await ctx.clock.sleep(lookAgainMs, signal)
    rows = locked
  }
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
