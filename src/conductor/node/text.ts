import type { JsonObject } from '../../db/columns.js'
import type { Step } from '../../drivers/interfaces.js'

/** An error's class, as upstream's texts name it. */
export function errorClass(error: unknown): string {
  return error instanceof Error ? error.name : typeof error
}

const secret = /pass|secret|token|configdrive|pswd|private_key/i

/** Steps with the secrets among their arguments covered. */
export function maskSteps(steps: readonly Step[]): Step[] {
  return steps.map((s) => (s.args === undefined ? s : { ...s, args: maskObject(s.args) }))
}

function maskObject(object: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [key, maskValue(key, value)]),
  )
}

function maskValue(key: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((v) => maskValue(key, v))
  if (typeof value === 'object' && value !== null) return maskObject(value as JsonObject)
  return secret.test(key) ? '***' : value
}
