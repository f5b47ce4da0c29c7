import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Reply } from '../../_util/api.js'

/** How the agent speaks to the API: in process or over a socket. */
export type CallApi = (
  method: string,
  path: string,
  sent?: { version?: string; body?: unknown },
) => Promise<Reply>

export interface Command {
  id: string
  command_name: string
  command_status: string
  command_error: unknown
  command_result: Record<string, unknown> | null
  /** What was asked; the real agent does not show it. */
  params: Record<string, unknown>
}

/** How a command ends. Nothing: it succeeds. */
export type Ending =
  | { status?: string; error?: Record<string, unknown>; result?: Record<string, unknown> }
  | 'never'
  | undefined

export interface Behaviour {
  /** By method, `deploy.execute_deploy_step`, or by step, `deploy.write_image`. */
  readonly endings?: Record<string, (command: Command) => Ending>
  /** Cuts the connection of a request instead of answering it. The command is taken all the same. */
  cut?: (method: string) => boolean
  readonly steps?: Record<string, Record<string, unknown>[]>
  readonly version?: Record<string, string>
  readonly tls?: { key: string; cert: string }
  readonly agentVersion?: string
  /** Agents of old tell everybody about their commands; an Ironic of old asks without the token. */
  readonly readsWithoutToken?: boolean
}

const ok: Exclude<Ending, 'never' | undefined> = { status: 'SUCCEEDED' }

/** ironic-python-agent as the conductor sees it, with no machine under it. */
export class SimAgent {
  readonly nodeUuid: string
  readonly behaviour: Behaviour
  readonly commands: Command[] = []
  token: string | null = null
  locked = false
  #server: Server | null = null
  readonly #api: CallApi
  readonly #onPowerOff: () => void

  constructor(
    nodeUuid: string,
    api: CallApi,
    behaviour: Behaviour = {},
    onPowerOff: () => void = () => {},
  ) {
    this.nodeUuid = nodeUuid
    this.behaviour = behaviour
    this.#api = api
    this.#onPowerOff = onPowerOff
  }

  /** Listens, and looks its node up. An agent without a token locks itself, as the real one does. */
  async start(): Promise<Reply> {
    await this.listen()
    const reply = await this.#api('GET', `/v1/lookup?node_uuid=${this.nodeUuid}`, {
      version: '1.62',
    })
    const config = (reply.body?.['config'] ?? {}) as Record<string, unknown>
    const token = config['agent_token']
    if (token === '******' && this.token === null) this.locked = true
    else if (typeof token === 'string' && token.length >= 32) this.token = token
    return reply
  }

  async listen(): Promise<void> {
    const { tls } = this.behaviour
    const handler = (request: IncomingMessage, response: ServerResponse): void => {
      void this.#handle(request, response)
    }
    const server = tls === undefined ? createServer(handler) : createTlsServer(tls, handler)
    this.#server = server
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  }

  get url(): string {
    if (this.#server === null) throw new Error('the agent does not run')
    const { port } = this.#server.address() as AddressInfo
    return `http${this.behaviour.tls === undefined ? '' : 's'}://127.0.0.1:${port}`
  }
  get running(): boolean {
    return this.#server !== null
  }

  async heartbeat(extra: Record<string, unknown> = {}): Promise<Reply> {
    const { tls, agentVersion = '11.0.0' } = this.behaviour
    return await this.#api('POST', `/v1/heartbeat/${this.nodeUuid}`, {
      version: '1.68',
      body: {
        callback_url: this.url,
        agent_token: this.token ?? 'none',
        agent_version: agentVersion,
        ...(tls === undefined ? {} : { agent_verify_ca: tls.cert }),
        ...extra,
      },
    })
  }

  /** The machine lost its power, or the agent died. */
  async stop(): Promise<void> {
    const server = this.#server
    this.#server = null
    if (server === null) return
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }

  /** The agent alone starts again: it has forgotten everything but what its medium gave it. */
  async restart(): Promise<Reply> {
    await this.stop()
    this.commands.length = 0
    this.token = null
    return await this.start()
  }

  /** What runs ends now. */
  finish(): void {
    for (const command of this.commands) {
      if (command.command_status === 'RUNNING') this.#end(command)
    }
  }

  named(name: string): Command[] {
    return this.commands.filter((c) => c.command_name === name)
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://agent')
    const send = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    }
    const text = await bodyOf(request)
    if (!/\/v1\/commands\/?$/.test(url.pathname)) return send(404, fault('not found'))
    const open = request.method === 'GET' && this.behaviour.readsWithoutToken === true
    if (!open && this.token !== null && url.searchParams.get('agent_token') !== this.token) {
      return send(401, fault('401 Unauthorized: Token invalid.'))
    }
    if (request.method === 'GET') {
      return send(200, { commands: this.commands.map((c) => ({ ...c, params: undefined })) })
    }
    const { name, params } = JSON.parse(text) as { name: string; params: Command['params'] }
    const busy = this.commands.find((c) => c.command_status === 'RUNNING')
    if (busy !== undefined) {
      return send(409, fault(`Agent is busy: executing command ${busy.command_name}`))
    }
    const command = this.#begin(name, params)
    if (this.behaviour.cut?.(name) === true) return void request.socket.destroy()
    send(200, { ...command, params: undefined })
  }

  #begin(method: string, params: Command['params']): Command {
    const command: Command = {
      id: randomUUID(),
      command_name: method.slice(method.indexOf('.') + 1),
      command_status: 'RUNNING',
      command_error: null,
      command_result: null,
      params,
    }
    this.commands.push(command)
    const asynchronous = method.includes('.execute_')
    if (!asynchronous) this.#end(command, method)
    if (method === 'standby.power_off') setImmediate(() => this.#onPowerOff())
    return command
  }

  #end(command: Command, method?: string): void {
    const step = command.params['step'] as { interface: string; step: string } | undefined
    const key = step === undefined ? '' : `${step.interface}.${step.step}`
    const { endings = {} } = this.behaviour
    const ending = (endings[key] ?? endings[method ?? command.command_name])?.(command) ?? ok
    if (ending === 'never') return
    command.command_status = ending.status ?? (ending.error ? 'FAILED' : 'SUCCEEDED')
    command.command_error = ending.error ?? null
    command.command_result = ending.result ?? (ending.error ? null : this.#result(command))
  }

  #result(command: Command): Record<string, unknown> | null {
    const flow = /_(clean|deploy|service)_steps?$/.exec(command.command_name)?.[1]
    if (flow !== undefined && command.command_name.startsWith('get_')) {
      const steps = this.behaviour.steps?.[flow] ?? []
      return {
        [`${flow}_steps`]: { SimHardwareManager: steps },
        hardware_manager_version: this.behaviour.version ?? { sim: '1.0' },
      }
    }
    if (flow !== undefined) {
      return { [`${flow}_result`]: null, [`${flow}_step`]: command.params['step'] }
    }
    if (command.command_name === 'get_partition_uuids') return {}
    return null
  }
}

const fault = (text: string): Record<string, unknown> => ({
  faultcode: 'Client',
  faultstring: text,
})

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const part of request) text += String(part)
  return text
}
