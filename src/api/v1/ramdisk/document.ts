/** The answer to a lookup: the node, and how its ramdisk shall behave (docs/reference/rest-api.md, 15.4). */
import type { Config } from '../../../config/index.js'
import type { NodeRow } from '../../../db/rows.js'
import { links } from '../../links.js'
import { MASK, maskSecrets } from '../../../mask.js'
import type { ApiRequest } from '../../request.js'
import { selectFields, serializer, type FieldMakers } from '../../serialize.js'

/** A ramdisk is nobody: whoever asks, secrets stay hidden. */
const makers: FieldMakers<NodeRow, string> = {
  uuid: (n) => n.uuid,
  properties: (n) => n.properties ?? {},
  instance_info: (n) => maskInstance(n.instanceInfo ?? {}),
  driver_internal_info: (n) => maskSecrets(n.driverInternalInfo ?? {}),
  links: (n, baseUrl) => links(baseUrl, `nodes/${n.uuid}`),
}

function maskInstance(info: Record<string, unknown>): Record<string, unknown> {
  const masked = maskSecrets(info)
  for (const key of ['configdrive', 'image_url']) if (key in masked) masked[key] = MASK
  return masked
}

/** The whole document. @param token what the ramdisk learns of its token */
export function lookupDocument<O>(
  { ctx, contract, minor, baseUrl }: ApiRequest<O>,
  node: NodeRow,
  token: string | null,
): { node: Record<string, unknown>; config: Record<string, unknown> } {
  const names = selectFields(contract, 'LookupNode', minor)
  return {
    node: serializer(makers, names, baseUrl)(node),
    config: ramdiskConfig(ctx.config, node, token),
  }
}

const outOfBand = ['redfish', 'idrac-redfish']

function ramdiskConfig(
  { agent, agent_containers: containers, api, conductor, metrics, metrics_statsd: statsd }: Config,
  node: NodeRow,
  token: string | null,
): Record<string, unknown> {
  return {
    metrics: {
      backend: metrics.agent_backend,
      prepend_host: metrics.agent_prepend_host,
      prepend_uuid: metrics.agent_prepend_uuid,
      prepend_host_reverse: metrics.agent_prepend_host_reverse,
      global_prefix: metrics.agent_global_prefix,
    },
    metrics_statsd: {
      statsd_host: statsd.agent_statsd_host,
      statsd_port: statsd.agent_statsd_port,
    },
    heartbeat_timeout: api.ramdisk_heartbeat_timeout,
    agent_containers: {
      allow_arbitrary_containers: containers.allow_arbitrary_containers,
      allowed_containers: containers.allowed_containers,
      container_steps_file: containers.container_steps_file,
      runner: containers.runner,
      pull_options: containers.pull_options,
      run_options: containers.run_options,
    },
    agent_token: token,
    agent_token_required: true,
    agent_md5_checksum_enable: agent.allow_md5_checksum,
    disable_deep_image_inspection: conductor.disable_deep_image_inspection,
    permitted_image_formats: conductor.permitted_image_formats,
    agent_skip_bmc_detect: outOfBand.includes(node.managementInterface ?? ''),
    enable_bios_bootloader_install: agent.enable_bios_bootloader_install,
    tls_min_version: agent.tls_minimum_version,
    tls_cipher_suites: agent.tls_ciphers,
  }
}
