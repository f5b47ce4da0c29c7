import type { Config } from '../../../config/index.js'
import type { ProcessContext } from '../../../process-context.js'
import { service } from '../../../services.js'
import { openstackService } from '../../../openstack/keystone/service.js'
import { createNeutronClient, NeutronError } from '../../../openstack/neutron/client.js'

/** The client of this process, which holds the token. */
export const neutronClient = service({ name: 'Neutron client', create: createClient })

function createClient({ config, clock }: Pick<ProcessContext, 'config' | 'clock' | 'services'>) {
  const { neutron } = config
  return createNeutronClient({
    service: openstackService(neutron, { clock, timeoutMs: neutron.request_timeout * 1000 }),
    // Read for each request, as they may change while the process runs.
    get timeoutMs() {
      return neutron.request_timeout * 1000
    },
    get retries() {
      return neutron.retries
    },
  })
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
