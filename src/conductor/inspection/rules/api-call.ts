import { interceptors, ProxyAgent, type Dispatcher } from 'undici'
import type { Config } from '../../../config/index.js'
import { discard, open } from '../../../http.js'
import { reasonOf } from '../../../images/sources/http.js'
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

/** What a timer can hold: 24 days. */
const longestWaitMs = 2 ** 31 - 1

/** As many redirects as Python's requests follows. */
const following = interceptors.redirect({ maxRedirections: 30, throwOnMaxRedirect: true })

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
  const { config } = task.ctx
  const proxy = proxyFor(config, url, args['proxies'])
  const dispatcher = (proxy ?? webserverAgent(task.ctx)).compose(following)
  const headersMs = Math.min(timeout * 1000, longestWaitMs)
  try {
    const headers = headersFor(url, args['headers'])
    const answer = await open(url, { headers, dispatcher, signal: task.signal, headersMs })
    await discard(answer.body)
    const { statusCode: status, statusText } = answer
    if (status < 400) return null
    return { reason: `${status} ${statusText} for url: ${url}`, again: passing.has(status) }
  } catch (error) {
    if (task.signal.aborted) throw error
    return { reason: reasonOf(error), again: true }
  } finally {
    await proxy?.destroy()
  }
}

/** Python's requests takes credentials from the URL, in place of a header. */
function headersFor(url: string, headers: unknown): Record<string, string> {
  const plain = isObject(headers) ? texts(headers) : {}
  const { username, password } = URL.canParse(url) ? new URL(url) : { username: '', password: '' }
  if (username === '') return plain
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  const others = Object.entries(plain).filter(([name]) => name.toLowerCase() !== 'authorization')
  return {
    ...Object.fromEntries(others),
    authorization: `Basic ${Buffer.from(pair).toString('base64')}`,
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
