import type { ProcessContext } from '../process-context.js'

/**
 * Where ramdisks find the API, without a slash at the end: `[service_catalog] endpoint_override`,
 * else `[api] public_endpoint`, else this host (`deploy_utils.get_ironic_api_url`, which would ask
 * Keystone's catalogue instead of guessing).
 */
export function apiUrl({ config }: Pick<ProcessContext, 'config'>): string {
  const { api, service_catalog: catalog, DEFAULT } = config
  const named = catalog.endpoint_override ?? api.public_endpoint
  if (named) return named.replace(/\/+$/, '')
  const host = DEFAULT.my_ip ?? '127.0.0.1'
  const scheme = api.enable_ssl_api ? 'https' : 'http'
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${api.port}`
}

/** The same for ramdisks booted by virtual media, which may run in another network. */
export const externalApiUrl = (ctx: Pick<ProcessContext, 'config'>): string =>
  ctx.config.deploy.external_callback_url?.replace(/\/+$/, '') ?? apiUrl(ctx)
