/** Keeping a ramdisk's logs (`drivers/utils.py`, collect_ramdisk_logs). */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Task } from '../interfaces.js'
import { agentCommand } from './call.js'

/** `UUID[_instance][_label]_2026-01-31-12-00-00.tar.gz`; the name only in a form files may have. */
function fileName(task: Task, label: string | null): string {
  const { node, ctx } = task
  const time = ctx.clock.now().toISOString().slice(0, 19).replace(/[T:]/g, '-')
  const name = node.name === null ? null : node.name.replace(/[^\w.-]/g, '_')
  const parts = [node.uuid, name, node.instanceUuid, label, time]
  return `${parts.filter((part) => part !== null).join('_')}.tar.gz`
}

/**
 * Keeps logs as they came: base64 of a gzipped archive.
 * @param label what the ramdisk was for, such as `inspect`
 * @throws what the file system throws
 */
export async function storeRamdiskLogs(
  task: Task,
  logs: string,
  label: string | null = null,
): Promise<void> {
  const { agent } = task.ctx.config
  if (agent.deploy_logs_collect === 'never') return
  if (agent.deploy_logs_storage_backend !== 'local') {
    task.ctx.log.deploy.warn(
      { node: task.node.uuid },
      'ramdisk logs are not kept: Ferric stores them on the local disk only',
    )
    return
  }
  await mkdir(agent.deploy_logs_local_path, { recursive: true })
  const path = join(agent.deploy_logs_local_path, fileName(task, label))
  await writeFile(path, Buffer.from(logs, 'base64'), { mode: 0o640 })
  task.ctx.log.deploy.info({ node: task.node.uuid, path }, 'the logs of the ramdisk were stored')
}

/** Fetches and keeps the logs of the ramdisk that runs. That it fails changes nothing. */
export async function collectRamdiskLogs(task: Task, label: string | null = null): Promise<void> {
  if (task.ctx.config.agent.deploy_logs_collect === 'never') return
  try {
    const result = await agentCommand(task, 'log.collect_system_logs', {}, { wait: true })
    const logs = result.command_result?.['system_logs']
    if (typeof logs === 'string') await storeRamdiskLogs(task, logs, label)
  } catch (error) {
    task.signal.throwIfAborted()
    task.ctx.log.deploy.error(
      { error, node: task.node.uuid },
      'the logs of the ramdisk were not collected',
    )
  }
}
