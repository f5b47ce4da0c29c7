import { AccessDenied, HttpFault, NotThere } from './errors.js'
import { asArray, asObject, asString } from './json.js'
import { pathOf } from './paths.js'
import type { Talk } from './talk.js'

/** How far a task of the service is (Task, task monitors: DSP0266, 13.7). */
export interface TaskReport {
  /**
   * `gone`: the service has forgotten it, as many do soon after the end. `unknown`: it cannot tell
   * now, as while it restarts.
   */
  readonly phase: 'running' | 'done' | 'failed' | 'gone' | 'unknown'
  readonly state: string | null
  readonly messages: readonly string[]
}

const running = new Set([
  'New',
  'Starting',
  'Running',
  'Pending',
  'Suspended',
  'Interrupted',
  'Stopping',
  'Service',
  'Cancelling',
])

/** Looks at a task once. @throws BmcError when the service does not answer, or not us */
export async function readTask(talk: Talk, monitor: string): Promise<TaskReport> {
  try {
    const answer = await talk.client.request(talk.call, 'GET', pathOf(monitor))
    return report(answer.status, asObject(answer.json))
  } catch (error) {
    if (error instanceof NotThere) return { phase: 'gone', state: null, messages: [] }
    if (!(error instanceof HttpFault) || error instanceof AccessDenied) throw error
    // A monitor answers with what the operation itself would have answered.
    const phase = error.status < 500 ? 'failed' : 'unknown'
    return { phase, state: null, messages: [error.message] }
  }
}

function report(status: number, json: Readonly<Record<string, unknown>>): TaskReport {
  const state = asString(json['TaskState'])
  const health = asString(json['TaskStatus'])
  const messages = asArray(json['Messages']).map(asObject).flatMap(textOf)
  if (status === 202 || (state !== null && running.has(state))) {
    return { phase: 'running', state: state ?? 'Running', messages }
  }
  const well = (state ?? 'Completed') === 'Completed' && health !== 'Critical'
  return { phase: well ? 'done' : 'failed', state, messages }
}

function textOf(message: Readonly<Record<string, unknown>>): string[] {
  const said = asString(message['Message'])
  const vague = said === null || ['unknown', 'unknown error'].includes(said.toLowerCase())
  const text = vague ? (asString(message['MessageId']) ?? said) : said
  return text === null ? [] : [text]
}
