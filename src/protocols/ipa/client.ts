/**
 * The command API of ironic-python-agent, port 9999 (`/v1/commands/`), by the agent's `api/app.py` and Ironic's
 * `drivers/modules/agent_client.py`.
 */
import type { Dispatcher } from 'undici'
import type { Clock } from '../../clock.js'
import {
  AgentBusy,
  AgentError,
  AgentNonsense,
  AgentRefused,
  AgentTooSlow,
  AgentUnreachable,
} from './errors.js'
import { agentDispatcher, sendToAgent, type AgentTls, type Answer } from './http.js'
import { bareName, commandError, type CommandResult } from './result.js'

export interface AgentOptions {
  /** As the agent gives it in heartbeats: `https://192.0.2.1:9999`. */
  readonly url: string
  /** Path of the API under it. */
  readonly version?: string
  /** Agents of 2015 have no token and refuse a slash at the end of a path. */
  readonly token?: string
  readonly slash?: boolean
  readonly tls: AgentTls
  readonly timeoutMs: number
  /** How often a request is sent when the network fails. */
  readonly attempts: number
  readonly clock: Clock
  readonly signal: AbortSignal
}

export interface SendOptions {
  /** The agent answers when the command has finished. */
  readonly wait?: boolean
  /** Polls until the command has finished, where it may take longer than a request. */
  readonly poll?: { readonly attempts: number; readonly intervalMs: number }
}

export class AgentClient {
  readonly #options: AgentOptions
  readonly #dispatcher: Dispatcher

  constructor(options: AgentOptions) {
    this.#options = options
    this.#dispatcher = agentDispatcher(options.tls, options.timeoutMs)
  }

  /**
   * Sends a command. After a cut connection the agent's list of commands shows whether it has started, so that it is
   * not sent twice.
   * @throws AgentUnreachable, AgentBusy, AgentRefused, AgentNonsense, AgentTooSlow
   */
  async send(
    method: string,
    params: Readonly<Record<string, unknown>>,
    { wait = false, poll }: SendOptions = {},
  ): Promise<CommandResult> {
    const url = this.#url({ wait: String(wait) })
    const body = JSON.stringify({ name: method, params })
    const result = await this.#retry(() => this.#post(url, body, method))
    refuseTypeError(result)
    return poll === undefined ? result : await this.#poll(method, poll)
  }

  /**
   * Returns the commands that the agent has received since it started, oldest first.
   * @throws AgentUnreachable, AgentRefused, AgentNonsense
   */
  async commands(options: { retry?: boolean } = {}): Promise<CommandResult[]> {
    const get = (): Promise<Answer> => this.#exchange('GET', this.#url({}))
    const answer = await (options.retry === false ? get() : this.#retry(get))
    const { commands, faultstring } = parsed(answer) as CommandResult & { commands?: unknown }
    if (answer.status >= 400) throw new AgentRefused(answer.status, faultstring ?? answer.text)
    if (!Array.isArray(commands)) throw new AgentNonsense('The answer has no list of commands.')
    return commands as CommandResult[]
  }

  /** Returns the newest command of a name, or null. */
  async last(method: string): Promise<CommandResult | null> {
    const name = bareName(method)
    return (await this.commands()).findLast((c) => c.command_name === name) ?? null
  }

  async close(): Promise<void> {
    await this.#dispatcher.destroy()
  }

  #url(query: Record<string, string>): URL {
    const { url, version = 'v1', slash = true, token } = this.#options
    const full = new URL(`${url.replace(/\/+$/, '')}/${version}/commands${slash ? '/' : ''}`)
    for (const [key, value] of Object.entries(query)) full.searchParams.set(key, value)
    if (token !== undefined) full.searchParams.set('agent_token', token)
    return full
  }

  /** The whole of a request, an answer that trickles in included, has twice the time of a silence. */
  async #exchange(method: 'GET' | 'POST', url: URL, body?: string): Promise<Answer> {
    const { signal, timeoutMs } = this.#options
    const request = {
      method,
      url,
      timeoutMs: timeoutMs * 2,
      ...(body === undefined ? {} : { body }),
    }
    return await sendToAgent(this.#dispatcher, request, signal)
  }

  async #retry<T>(work: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await work()
      } catch (error) {
        if (!(error instanceof AgentUnreachable) || attempt >= this.#options.attempts) throw error
      }
    }
  }

  async #post(url: URL, body: string, method: string): Promise<CommandResult> {
    let answer: Answer
    try {
      answer = await this.#exchange('POST', url, body)
    } catch (error) {
      if (!(error instanceof AgentUnreachable)) throw error
      const running = await this.#running(method)
      if (running === null) throw error
      return running
    }
    return checked(answer)
  }

  /** Returns the command when the agent is running it now. */
  async #running(method: string): Promise<CommandResult | null> {
    try {
      const last = (await this.commands({ retry: false })).at(-1)
      const same = last?.command_name === bareName(method)
      return same && last.command_status === 'RUNNING' ? last : null
    } catch (error) {
      this.#options.signal.throwIfAborted()
      // The agent is gone, so the error of the command itself is the one to report.
      if (error instanceof AgentError) return null
      throw error
    }
  }

  async #poll(method: string, poll: NonNullable<SendOptions['poll']>): Promise<CommandResult> {
    const { clock, signal } = this.#options
    for (let attempt = 1; ; attempt++) {
      const result = await this.last(method)
      if (result !== null && result.command_status !== 'RUNNING') {
        refuseTypeError(result)
        return result
      }
      if (attempt >= poll.attempts) throw new AgentTooSlow(`${method} did not end in time.`)
      await clock.sleep(poll.intervalMs, signal)
    }
  }
}

function parsed({ status, text }: Answer): CommandResult {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  } catch (error) {
    throw new AgentNonsense(
      `Unable to decode response as JSON.\nResponse status code: ${status}\nResponse: "${text.slice(0, 500)}"`,
      { cause: error },
    )
  }
  throw new AgentNonsense(`The answer is not an object: "${text.slice(0, 500)}"`)
}

function checked(answer: Answer): CommandResult {
  const result = parsed(answer)
  if (answer.status < 400) return result
  const fault = result.faultstring ?? answer.text.slice(0, 500)
  // Agents of 2015 put the fault in the details of a command error, with a 500.
  const text = `${fault} ${JSON.stringify(result.command_error ?? '')}`.toLowerCase()
  if (answer.status === 409 || text.includes('agent is busy')) throw new AgentBusy(fault)
  throw new AgentRefused(answer.status, fault)
}

/** Python raises TypeError when the agent does not have an argument. */
function refuseTypeError(result: CommandResult): void {
  const error = result.command_error
  if (typeof error !== 'object' || error === null || error.type !== 'TypeError') return
  throw new AgentRefused(error.code ?? 500, commandError(result))
}
