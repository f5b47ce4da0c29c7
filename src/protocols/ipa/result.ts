/** What an agent answers about a command (ironic-python-agent, `extensions/base.py`). */
export interface CommandResult {
  readonly id?: string
  readonly command_name?: string
  /** RUNNING, SUCCEEDED, FAILED, CLEAN_VERSION_MISMATCH, VERSION_MISMATCH. */
  readonly command_status?: string
  readonly command_error?: CommandError | string | null
  readonly command_result?: Readonly<Record<string, unknown>> | null
  /** Error form of an answer that is no command's. */
  readonly faultstring?: string
}

export interface CommandError {
  readonly type?: string
  readonly code?: number
  readonly message?: string
  readonly details?: string
}

/** Why a command failed, in the agent's words. */
export function commandError(result: CommandResult): string {
  const error = result.command_error
  if (error === null || error === undefined) return 'Invalid agent response'
  if (typeof error === 'string') return error
  return error.details || error.message || JSON.stringify(error)
}

/** A command's name without its extension: `deploy.execute_deploy_step` is listed by its end. */
export const bareName = (method: string): string => method.slice(method.indexOf('.') + 1)
