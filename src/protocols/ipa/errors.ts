/** What can go wrong between us and an agent. Texts that name the machine are the caller's. */
export class AgentError extends Error {
  override readonly name: string = 'AgentError'
}

/** No answer came: the agent is booting, gone, cut off, or is not who it should be. */
export class AgentUnreachable extends AgentError {
  override readonly name = 'AgentUnreachable'
}

/** The agent works on an earlier command and takes no other. */
export class AgentBusy extends AgentError {
  override readonly name = 'AgentBusy'
}

/** The agent refused the request, or does not know the command or its arguments. */
export class AgentRefused extends AgentError {
  override readonly name = 'AgentRefused'
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** An answer that is no answer of an agent: not JSON, too large, of another shape. */
export class AgentNonsense extends AgentError {
  override readonly name = 'AgentNonsense'
}

/** A command did not end in time. */
export class AgentTooSlow extends AgentError {
  override readonly name = 'AgentTooSlow'
}
