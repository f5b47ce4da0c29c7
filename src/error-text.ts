/**
 * The text of an error as it may be stored, answered and logged. Errors of the database carry the
 * statement and its parameters, which hold passwords, so their own message is never used as it is.
 */

/**
 * @param error anything that was thrown
 * @returns one message, without SQL or bound values
 */
export function errorText(error: unknown): string {
  return error instanceof Error ? safeMessage(error) : String(error)
}

/** The message of one error, without SQL and bound values; causes are not followed. */
export function safeMessage(error: Error): string {
  if (isQueryError(error)) return `A query failed: ${errorText(error.cause ?? 'unknown reason')}`
  return isDataException(error) ? withoutValue(error.message) : error.message
}

/** drizzle's `DrizzleQueryError`, whose message is the statement and all its parameters. */
export function isQueryError(error: Error): boolean {
  return 'query' in error && 'params' in error
}

/** PostgreSQL's class 22 quotes the value: `invalid input syntax for type uuid: "…"`. */
function isDataException(error: Error): boolean {
  return 'code' in error && typeof error.code === 'string' && /^22[0-9A-Z]{3}$/.test(error.code)
}

const withoutValue = (message: string): string => message.replace(/"[^]*"/, '"******"')
