import { ProxyAgent, fetch, type Dispatcher } from 'undici'
import type { Config } from '../../../config/index.js'
import { deadline } from '../../../http.js'
import { webserverAgent, webserverTls } from '../../../images/sources/transport.js'
import { pythonStr } from '../../../python/repr.js'
import type { NodeTask } from '../../node/task.js'
import { isObject } from '../plain.js'
import type { RuleArgs } from './args.js'
import { RuleFailed } from './failure.js'

/** Statuses after which a request is repeated. */
const passing = new Set([429, 500, 502, 503, 504])

/** The longest pause between two tries, as in urllib3 (`BACKOFF_MAX`). */
const longestPauseMs = 120_000

/**
 * The `api-call` action: a GET that must succeed.
 * @throws RuleFailed on a wrong argument or when the request fails in the end
 */
export async function callApi(task: NodeTask, args: RuleArgs): Promise<void> {
  const timeout = number('timeout', args['timeout'] ?? 5)
  const retries = Math.trunc(number('retries', args['retries'] ?? 3))
  const backoff = number('backoff_factor', args['backoff_factor'] ?? 0.3)
  if (timeout <= 0) throw invalid('timeout must be greater than zero')
  const url = pythonStr(args['url'])
  for (let attempt = 0; ; attempt++) {
    const fault = await tryOnce(task, url, args, timeout)
    if (fault === null) return
    if (!fault.again || attempt >= retries) {
      throw RuleFailed.action(`Request to ${url} failed: ${fault.reason}`)
    }
    const pauseMs = attempt === 0 ? 0 : Math.max(0, backoff * 2 ** attempt * 1000)
    await task.ctx.clock.sleep(Math.min(pauseMs, longestPauseMs), task.signal)
  }
}

const invalid = (why: string) => RuleFailed.action(`Invalid parameter: ${why}`)

function number(name: string, value: unknown): number {
  const n = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  if (typeof n !== 'number' || !Number.isFinite(n)) throw invalid(`${name} must be a number`)
  return n
}

async function tryOnce(
  task: NodeTask,
  url: string,
  args: RuleArgs,
  timeout: number,
): Promise<{ reason: string; again: boolean } | null> {
  const signal = deadline(task.signal, timeout * 1000)
  const { config } = task.ctx
  const proxy = proxyFor(config, url, args['proxies'])
  const dispatcher = proxy ?? webserverAgent(task.ctx)
  try {
    const headers = isObject(args['headers']) ? texts(args['headers']) : {}
    const response = await fetch(url, { headers, signal, dispatcher })
    await response.body?.cancel()
    if (response.ok) return null
    const reason = `${response.status} ${response.statusText} for url: ${url}`
    return { reason, again: passing.has(response.status) }
  } catch (error) {
    if (task.signal.aborted) throw error
    const { cause, message } = error as Error
    return { reason: cause instanceof Error ? cause.message : message, again: true }
  } finally {
    await proxy?.destroy()
  }
}

const texts = (headers: object): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([k, v]) => [k, pythonStr(v)]))

/** `proxies` as Python's requests takes it: a proxy's URL by scheme. */
function proxyFor(config: Config, url: string, proxies: unknown): Dispatcher | undefined {
  const proxy = isObject(proxies) ? proxies[url.split(':')[0] ?? ''] : undefined
  return typeof proxy === 'string' && proxy !== '' ? proxyAgent(config, proxy) : undefined
}

function proxyAgent(config: Config, uri: string): Dispatcher {
  if (!URL.canParse(uri)) throw invalid('a proxy must be a URL')
  return new ProxyAgent({ uri, allowH2: false, requestTls: webserverTls(config) })
}
