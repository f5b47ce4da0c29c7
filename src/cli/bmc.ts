/** `ferric bmc`: what a node's BMC is and can do, and its event log. */
import { randomUUID } from 'node:crypto'
import { eq, or } from 'drizzle-orm'
import { systemCaller } from '../conductor/work/caller.js'
import type { NodeTask } from '../conductor/node/task.js'
import { nodeTask } from '../conductor/node/with-node.js'
import type { AppContext } from '../context.js'
import type { NodeRow } from '../db/rows.js'
import { nodes } from '../db/schema/index.js'
import { probeBmc } from '../drivers/bmc/probe/index.js'
import type { BmcReport } from '../drivers/bmc/probe/report.js'
import { bmcSel } from '../drivers/bmc/sel.js'
import type { BmcQuestion } from './bmc-words.js'
import { selJson, selText } from './bmc-sel.js'
import type { Command } from './command.js'
import { openContext } from './context.js'
import { exitCodes } from './exit-codes.js'

/** The longest a BMC may take for it all. */
const longestMs = { probe: 180_000, sel: 600_000 } as const

/**
 * Prints what was asked for, as text or as one JSON document.
 * @throws Error when there is no such node, and what the drivers throw
 */
export const bmcCommand: Command = async ({ loaded, log, terminal, bmc }) => {
  if (bmc === undefined) throw new Error('bmc needs a verb')
  const open = await openContext(loaded.config, log)
  try {
    const row = await find(open.ctx, bmc.node)
    // With a request, since somebody waits: it comes before polls.
    const asked = systemCaller(AbortSignal.timeout(longestMs[bmc.verb]))
    const caller = { ...asked, requestId: `req-${randomUUID()}` }
    // Without the ring: a BMC may be looked at while no conductor runs.
    const task = nodeTask(open.ctx, caller, { row, held: null })
    const named = { node: row.uuid, name: row.name }
    terminal.out(await answers[bmc.verb](task, named, bmc))
    return exitCodes.ok
  } finally {
    await open.close()
  }
}

async function find({ db }: AppContext, ident: string): Promise<NodeRow> {
  const wanted = or(eq(nodes.uuid, ident), eq(nodes.name, ident))
  const [found] = await db.orm.select().from(nodes).where(wanted)
  if (found === undefined) throw new Error(`There is no node ${ident}`)
  return found
}

interface Named {
  readonly node: string
  readonly name: string | null
}

type Answer = (task: NodeTask, named: Named, question: BmcQuestion) => Promise<string>

const answers: Readonly<Record<BmcQuestion['verb'], Answer>> = {
  probe: async (task, named, { json }) => {
    const report = { ...named, ...(await probeBmc(task)) }
    return json ? asJson(report) : text(report)
  },
  sel: async (task, named, { json, clear }) => {
    const report = { ...named, ...(await bmcSel(task, clear)) }
    return json ? asJson(selJson(report)) : selText(report)
  },
}

const asJson = (report: object): string => `${JSON.stringify(report, null, 2)}\n`

function text(report: BmcReport & Named): string {
  const { node, name, bmc, supports, quirks, timings, problems } = report
  const offered = Object.entries(supports).map(([what, is]) => [
    what,
    is === null ? 'it does not say' : is ? 'yes' : 'no',
  ])
  const ms = Object.entries(timings).map(([what, time]) => [what, `${time} ms`])
  return [
    `${bmc}, the BMC of ${name === null ? node : `${name} (${node})`}\n`,
    section('Identity', Object.entries(report.identity)),
    section('Session', Object.entries(report.session)),
    section('Supports', offered),
    section('Machine', flat(report.machine)),
    section('Quirks', quirks.length === 0 ? [['none', '']] : quirks.map((one) => ['-', one])),
    section('Timings', ms),
    section('Could not be read', Object.entries(problems)),
  ].join('')
}

/** `{a: {b: 1}}` as `a.b`. */
function flat(of: Readonly<Record<string, unknown>>, prefix = ''): [string, unknown][] {
  return Object.entries(of).flatMap(([key, value]) => {
    const inside =
      typeof value === 'object' &&
      value !== null &&
      !Array.isArray(value) &&
      !(value instanceof Date)
    if (inside) return flat(value as Record<string, unknown>, `${prefix}${key}.`)
    return [[`${prefix}${key}`, value] as [string, unknown]]
  })
}

function section(title: string, lines: readonly (readonly unknown[])[]): string {
  if (lines.length === 0) return ''
  const width = Math.max(...lines.map(([key]) => String(key).length))
  const rows = lines.map(([key, value]) =>
    `  ${String(key).padEnd(width)}  ${shown(value)}`.trimEnd(),
  )
  return `\n${title}\n${rows.join('\n')}\n`
}

function shown(value: unknown): string {
  if (value === null) return 'not said'
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.join(', ')
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  return typeof value === 'string' ? value : JSON.stringify(value)
}
