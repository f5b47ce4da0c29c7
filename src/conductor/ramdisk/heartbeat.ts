/**
 * Heartbeats of ramdisks (docs/reference/conductor.md 12.3). They come in thousands, so one that only has to be
 * recorded shares its statement with others (heartbeat-record.ts), and takes neither a reservation nor a background task.
 */
import { timingSafeEqual } from 'node:crypto'
import { sql } from 'drizzle-orm'
import type { AppContext } from '../../context.js'
import type { JsonObject } from '../../db/columns.js'
import type { NodeRow } from '../../db/rows.js'
import { fastTrackEnabled } from '../../drivers/agent/alive.js'
import { InvalidParameterValue, NodeLocked } from '../../errors.js'
import { recordEvent } from '../../timeline.js'
import { Postponed, type NodeWork } from '../work/types.js'
import type { Caller } from '../work/caller.js'
import { heartbeatFlow } from './heartbeat-flow.js'
import { recordSoon } from './heartbeat-record.js'
import { infoOf } from '../node/internal-info.js'
import type { NodeTask } from '../node/task.js'
import { nodeTask } from '../node/with-node.js'
import { rawRows } from '../../db/raw-rows.js'
import {
  heartbeatAllowedFastTrackStates,
  heartbeatAllowedStates,
  heartbeatRecordOnlyStates,
} from '../state/states.js'

/** What a ramdisk sends. */
export interface Heartbeat {
  readonly callbackUrl: string
  readonly token: string
  readonly version?: string | undefined
  /** Its certificate, PEM. */
  readonly verifyCa?: string | undefined
  readonly status?: string | undefined
  readonly statusMessage?: string | undefined
}

/**
 * Takes a heartbeat in.
 * @throws InvalidParameterValue 400
 */
export async function acceptHeartbeat(
  ctx: AppContext,
  caller: Caller,
  row: NodeRow,
  beat: Heartbeat,
): Promise<void> {
  check(ctx, row, beat)
  const task = nodeTask(ctx, caller, { row, held: null })
  if (!isHeeded(task)) return
  tell(ctx, row, beat)
  const acts = task.driver.deploy.heartbeat !== undefined
  const inHand = acts && isInHand(row)
  if (!acts || (!inHand && isRecordedOnly(ctx, row))) return await record(ctx, row, beat)
  await queueBeat(task, recorded(ctx, beat), patience(beat, inHand))
}

/** Milliseconds a heartbeat waits for the node's lock. Agents come again; an installer says once how it ended. */
function patience(beat: Heartbeat, inHand: boolean): number {
  if (beat.status !== undefined) return reportWaitsForMs
  return inHand ? inHandMs : waitsForMs
}

/**
 * Somebody works on the node and may be about to leave it waiting for this very heartbeat: an agent that
 * is done with a command at once says so before the end of the step that sent it is stored, and then no
 * more until its next interval.
 */
const isInHand = (row: NodeRow): boolean =>
  working.has(row.provisionState) && row.reservation !== null && row.maintenance !== true

const working = new Set(['deploying', 'cleaning', 'servicing', 'rescuing'])
/** How long such a heartbeat waits: the storing of a step's end takes moments. */
const inHandMs = 10_000

function tell(ctx: AppContext, row: NodeRow, beat: Heartbeat): void {
  const { callbackUrl, version, status, statusMessage } = beat
  const said = statusMessage === undefined ? '' : `: ${statusMessage}`
  const summary =
    callbackUrl === '' && status !== undefined
      ? `the installer reports ${status}${said}`
      : `heartbeat of the agent at ${callbackUrl}`
  const fold = `${row.provisionState} ${status ?? ''}`
  const detail = { callbackUrl, version, status, statusMessage, state: row.provisionState }
  recordEvent(ctx, { nodeUuid: row.uuid, kind: 'heartbeat', summary, fold, ...detail })
}

function check(ctx: AppContext, row: NodeRow, beat: Heartbeat): void {
  if (beat.version === undefined && beat.status === undefined) {
    throw new InvalidParameterValue(
      'Agent did not transmit a version, and a version is required. Please update the agent being used.',
    )
  }
  if (!isToken(infoOf(row)['agent_secret_token'], beat.token)) {
    throw new InvalidParameterValue('Invalid or missing agent token received.')
  }
  const { callbackUrl, verifyCa } = beat
  if (ctx.config.agent.require_tls && callbackUrl && !callbackUrl.startsWith('https://')) {
    throw new InvalidParameterValue('TLS is required by configuration')
  }
  const known = infoOf(row)['agent_verify_ca']
  if (verifyCa && known && known !== verifyCa) {
    throw new InvalidParameterValue('Detected change in ramdisk provided "agent_verify_ca"')
  }
}

function isToken(known: unknown, given: string): boolean {
  if (typeof known !== 'string' || known === '') return false
  const [a, b] = [Buffer.from(known), Buffer.from(given)]
  return a.length === b.length && timingSafeEqual(a, b)
}

function isHeeded(task: NodeTask): boolean {
  const states = fastTrackEnabled(task) ? heartbeatAllowedFastTrackStates : heartbeatAllowedStates
  return states.has(task.node.provisionState)
}

/** In maintenance, too, nothing is done but to remember, while work in maintenance is allowed. */
const isRecordedOnly = (ctx: AppContext, row: NodeRow): boolean =>
  heartbeatRecordOnlyStates.has(row.provisionState) ||
  (row.maintenance === true && ctx.config.conductor.allow_provisioning_in_maintenance)

/** What goes into `driver_internal_info`. The certificate itself, so that every conductor has it. */
function recorded(ctx: AppContext, beat: Heartbeat): JsonObject {
  const now = `${ctx.clock.now().toISOString().slice(0, -1)}000`
  return {
    agent_url: beat.callbackUrl,
    agent_version: beat.version ?? null,
    agent_last_heartbeat: now,
    ...(beat.verifyCa ? { agent_verify_ca: beat.verifyCa } : {}),
    ...(beat.status ? { agent_status: beat.status } : {}),
    ...(beat.statusMessage ? { agent_status_message: beat.statusMessage } : {}),
  }
}

async function record(ctx: AppContext, row: NodeRow, beat: Heartbeat): Promise<void> {
  const info = { ...infoOf(row), ...recorded(ctx, beat) }
  await recordSoon(ctx, { row, info, touched: waits.has(row.provisionState) })
}

const waits = new Set(['wait call-back', 'clean wait', 'service wait'])

/** How long a heartbeat waits for the node's lock, and how often it looks. */
const waitsForMs = 60_000
const reportWaitsForMs = 3600_000
const looksEveryMs = 500

/** The background half: records, and goes on with the flow that waits. */
export const heartbeatWork: NodeWork = {
  lock: 'shared',
  method: 'heartbeat',
  async run(task, args) {
    if (!isHeeded(task) || !(await reserveFor(task, args))) return
    if (!isHeeded(task)) return
    const { [waitsUntil]: _, ...beat } = args
    task.node.driverInternalInfo = { ...infoOf(task.node), ...beat }
    await task.save()
    if (!heartbeatRecordOnlyStates.has(task.node.provisionState)) await heartbeatFlow(task)
  },
}

/**
 * A locked node's heartbeat waits in its task, not in a worker: none is refused, and of each node
 * one waits at most (`queueBeat`).
 * @returns false when it waited for too long: the next one will do
 * @throws Postponed
 */
async function reserveFor(task: NodeTask, args: JsonObject): Promise<boolean> {
  try {
    await task.upgrade('heartbeat', { retry: false, priority: 'heartbeat' })
    return true
  } catch (e) {
    if (!(e instanceof NodeLocked)) throw e
    const until = args[waitsUntil]
    const now = task.ctx.clock.now().getTime()
    if (typeof until === 'number' && now < until) throw new Postponed(looksEveryMs)
    return false
  }
}

const waitsUntil = 'ferric_waits_until'

/** Queues a heartbeat; one that still waits for its turn is replaced by it. */
async function queueBeat(task: NodeTask, beat: JsonObject, waitMs: number): Promise<void> {
  const { ctx, node } = task
  const args = { ...beat, [waitsUntil]: ctx.clock.now().getTime() + waitMs }
  const waiting = await rawRows(
    ctx.db.orm,
    sql`update ferric_tasks set args = ${JSON.stringify(args)}::json
      where node_id = ${node.id} and kind = 'heartbeat' and state = 'queued' returning id`,
  )
  if (waiting.length === 0) await task.spawn('heartbeat', args)
}
