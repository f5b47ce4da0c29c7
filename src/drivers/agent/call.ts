/** Commands to a node's agent, with the errors and texts of `drivers/modules/agent_client.py`. */
import {
  AgentAPIError,
  AgentCommandTimeout,
  AgentConnectionFailed,
  AgentInProgress,
  ServerError,
} from '../../errors.js'
import { errorText } from '../../error-text.js'
import { AgentClient, type SendOptions } from '../../protocols/ipa/client.js'
import {
  AgentBusy,
  AgentNonsense,
  AgentRefused,
  AgentTooSlow,
  AgentUnreachable,
} from '../../protocols/ipa/errors.js'
import type { CommandResult } from '../../protocols/ipa/result.js'
import { recordEvent } from '../../timeline.js'
import { infoOf } from '../internal-info.js'
import type { Task } from '../interfaces.js'
import { agentTls } from './tls.js'

/** @throws AgentConnectionFailed when no agent has called yet; InvalidParameterValue */
function clientOf(task: Task): AgentClient {
  const { ctx, node, signal } = task
  const { agent_url: url, agent_secret_token: token, agent_version: release } = infoOf(node)
  if (typeof url !== 'string' || url === '') {
    throw new AgentConnectionFailed('Agent driver requires agent_url in driver_internal_info')
  }
  if (!URL.canParse(url)) throw new ServerError(`Error invoking agent: ${url} is no URL`)
  const { agent } = ctx.config
  return new AgentClient({
    url,
    version: agent.agent_api_version,
    ...(typeof token === 'string' ? { token } : {}),
    // Agents of 2015 do not say which they are, and know no path that ends in a slash.
    slash: typeof release === 'string',
    tls: agentTls(task),
    timeoutMs: agent.command_timeout * 1000,
    attempts: agent.max_command_attempts,
    clock: ctx.clock,
    signal,
  })
}

async function using<T>(
  task: Task,
  command: string,
  work: (client: AgentClient) => Promise<T>,
): Promise<T> {
  const client = clientOf(task)
  const begun = task.ctx.clock.now().getTime()
  try {
    const result = await work(client)
    tell(task, command, begun, 'is answered')
    return result
  } catch (error) {
    const known = told(task, command, error)
    tell(task, command, begun, `fails: ${errorText(known)}`)
    throw known
  } finally {
    await client.close()
  }
}

function tell({ ctx, node }: Task, command: string, begun: number, what: string): void {
  const ms = ctx.clock.now().getTime() - begun
  const asked = command === statusQuery ? 'its commands' : command
  const summary = `the agent is asked for ${asked} and ${what}`
  // Heartbeats have it asked over and over for how far it is.
  const fold = command === statusQuery ? { fold: what } : {}
  recordEvent(ctx, { nodeUuid: node.uuid, kind: 'agent-call', summary, command, ms, ...fold })
}

function told(task: Task, command: string, error: unknown): unknown {
  const { uuid } = task.node
  if (error instanceof AgentUnreachable) {
    const what = command === statusQuery ? statusText : ` for invoking command ${command}.`
    return new AgentConnectionFailed(
      `Failed to connect to the agent running on node ${uuid}${what} Error: ${error.message}`,
      error,
    )
  }
  if (error instanceof AgentBusy) return new AgentInProgress(uuid, command, error.message)
  if (error instanceof AgentRefused) return new AgentAPIError(uuid, error.status, error.message)
  if (error instanceof AgentTooSlow) return new AgentCommandTimeout(uuid, command)
  if (error instanceof AgentNonsense) {
    return new ServerError(
      `Error invoking agent command ${command} for node ${uuid}. Error: ${error.message}`,
      error,
    )
  }
  return error
}

const statusQuery = 'status'
const statusText = ' to collect commands status.'

/**
 * Has the agent do something.
 * @throws AgentConnectionFailed, AgentInProgress, AgentAPIError, AgentCommandTimeout, ServerError
 */
export async function agentCommand(
  task: Task,
  method: string,
  params: Readonly<Record<string, unknown>>,
  options: SendOptions = {},
): Promise<CommandResult> {
  return await using(task, method, (client) => client.send(method, params, options))
}

/** The agent's commands since it started. @throws AgentConnectionFailed, AgentAPIError */
export async function agentCommands(
  task: Task,
  options: { retry?: boolean } = {},
): Promise<CommandResult[]> {
  return await using(task, statusQuery, (client) => client.commands(options))
}

/** How commands that take long are waited for. */
export const longCommand = (task: Task): NonNullable<SendOptions['poll']> => ({
  attempts: task.ctx.config.agent.command_wait_attempts,
  intervalMs: task.ctx.config.agent.command_wait_interval * 1000,
})
