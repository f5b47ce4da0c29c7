/** Another OpenStack service: where it is, and the token it wants. */
import type { Dispatcher } from 'undici'
import type { Clock } from '../../clock.js'
import type { Config } from '../../config/index.js'
import { createKeystoneSession } from './session.js'
import { authDocument, serviceDispatcher, type Credentials } from './settings.js'

type ServiceSettings = Credentials &
  Pick<
    Config['glance'],
    | 'auth_url'
    | 'cafile'
    | 'insecure'
    | 'endpoint_override'
    | 'service_type'
    | 'region_name'
    | 'valid_interfaces'
  >

export interface OpenstackService {
  /** Null when neither the configuration nor the catalogue knows. @throws KeystoneUnavailable */
  endpoint(signal: AbortSignal): Promise<string | null>
  /** Null without Keystone. */
  readonly token: ((signal: AbortSignal) => Promise<string>) | null
  /** A token was refused: the next question gets a new one. */
  forgetToken(): void
  readonly dispatcher: Dispatcher
}

/**
 * The service of a group of options (keystoneauth).
 * @param timeoutMs of requests to Keystone
 */
export function openstackService(
  settings: ServiceSettings,
  { clock, timeoutMs }: { clock: Clock; timeoutMs: number },
): OpenstackService {
  const dispatcher = serviceDispatcher(settings)
  const authUrl = settings.auth_type === 'none' ? null : settings.auth_url
  const session =
    authUrl === null
      ? null
      : createKeystoneSession({
          authUrl,
          auth: authDocument(settings),
          timeoutMs,
          clock,
          dispatcher,
        })
  const query = {
    serviceType: settings.service_type,
    interfaces: settings.valid_interfaces,
    region: settings.region_name,
  }
  return {
    endpoint: async (signal) =>
      settings.endpoint_override ?? (await session?.endpoint(query, signal)) ?? null,
    token: session === null ? null : (signal) => session.token(signal),
    forgetToken: () => session?.forget(),
    dispatcher,
  }
}
