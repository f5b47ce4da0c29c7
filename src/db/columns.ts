import { json, timestamp, varchar } from 'drizzle-orm/pg-core'

/** A JSON object as clients send and read it. */
export type JsonObject = Record<string, unknown>

/**
 * `json`, not `jsonb`: upstream keeps the text it was given, so key order and repeated
 * numbers' spellings survive, and `\u0000` inside a string is legal.
 */
export const jsonObject = (name: string) => json(name).$type<JsonObject>()
export const jsonArray = (name: string) => json(name).$type<unknown[]>()

export const timestampTz = (name: string) =>
  timestamp(name, { withTimezone: true, mode: 'date', precision: 6 })

/** What every table carries: set at insert, at update, and the object version upstream keeps. */
export const lifecycle = {
  createdAt: timestampTz('created_at').defaultNow(),
  updatedAt: timestampTz('updated_at'),
  version: varchar('version', { length: 15 }),
}
