import { readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { errorText } from '../../error-text.js'
import { InvalidParameterValue } from '../../errors.js'
import type { AgentTls } from '../../protocols/ipa/http.js'
import { strictBool } from '../driver-info/fields.js'
import { infoOf } from '../internal-info.js'
import type { Task } from '../interfaces.js'

/**
 * Whom to believe that it is the node's agent: the certificate it sent with its first heartbeat,
 * else what the node says, else the configuration (`agent_client.py`, _get_verify).
 * @throws InvalidParameterValue for a file that is not there
 */
export function agentTls(task: Task): AgentTls {
  const { agent } = task.ctx.config
  const common = {
    minVersion: `TLSv${agent.tls_minimum_version}` as 'TLSv1.2' | 'TLSv1.3',
    ...(agent.tls_ciphers === null ? {} : { ciphers: agent.tls_ciphers }),
  }
  const { node } = task
  const own = infoOf(node)['agent_verify_ca'] ?? node.driverInfo?.['agent_verify_ca']
  return { ...common, ...trusted(own ?? agent.verify_ca) }
}

function trusted(value: unknown): AgentTls {
  if (typeof value === 'string' && value.includes('-----BEGIN CERTIFICATE-----')) {
    return { verify: true, ca: value }
  }
  try {
    return { verify: strictBool(value, (text) => new Error(text)) }
  } catch {
    return { verify: true, ca: certificates(String(value)) }
  }
}

/** A file of certificates, or all those of a directory. */
function certificates(path: string): string {
  try {
    if (!statSync(path).isDirectory()) return readFileSync(path, 'utf8')
    const files = readdirSync(path, { withFileTypes: true }).filter((f) => !f.isDirectory())
    return files.map((f) => readFileSync(join(path, f.name), 'utf8')).join('\n')
  } catch (error) {
    throw new InvalidParameterValue(
      `Agent CA ${path} is neither a path nor a boolean: ${errorText(error)}`,
    )
  }
}
