import type { Config } from '../../../config/index.js'
import type { ProcessContext } from '../../../process-context.js'
import { openstackService } from '../../../openstack/keystone/service.js'
import {
  createNeutronClient,
  NeutronError,
  type NeutronClient,
} from '../../../openstack/neutron/client.js'

const clients = new WeakMap<Config, NeutronClient>()

/** The client of this process; it holds the token. */
export function neutronClient({ config, clock }: Pick<ProcessContext, 'config' | 'clock'>) {
  const known = clients.get(config)
  if (known !== undefined) return known
  const { neutron } = config
  const client = createNeutronClient({
    service: openstackService(neutron, { clock, timeoutMs: neutron.request_timeout * 1000 }),
    // Read for each request, as they may change while the process runs.
    get timeoutMs() {
      return neutron.request_timeout * 1000
    },
    get retries() {
      return neutron.retries
    },
  })
  clients.set(config, client)
  return client
}

/** False when nothing says where Neutron is: then nothing about its networks can be checked. */
export const neutronIsKnown = ({ neutron }: Config): boolean =>
  neutron.endpoint_override !== null || (neutron.auth_type !== 'none' && neutron.auth_url !== null)

/**
 * Asks Neutron, and turns its errors into what the caller makes of them.
 * @throws what `translate` returns, and whatever is no NeutronError as it is
 */
export async function asking<T>(
  work: () => Promise<T>,
  translate: (error: NeutronError) => Error,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof NeutronError) throw translate(error)
    throw error
  }
}

/** True for what is not there. */
export const isGone = (error: unknown): boolean =>
  error instanceof NeutronError && error.status === 404
