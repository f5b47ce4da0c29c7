import type { Schema } from '../validation/json-schema.js'

/** Highest microversion of this server. */
export const MIN_MINOR = 1
export const MAX_MINOR = 115

/** An inclusive range of minor versions. */
export interface VersionRange {
  readonly min: number
  readonly max: number
}

export interface Parameter extends VersionRange {
  readonly name: string
  readonly in: 'query' | 'path' | 'header'
  readonly required: boolean
  readonly schema: Schema
  /** How the value is read: see `src/api/args/convert.ts`. */
  readonly kind: ArgumentKind
  /**
   * What a request that uses it below `min-ver` gets: `general`, `min-version` (it names the
   * version) or a text, all 406; or any status, with `{value}` in the text for what was sent.
   * Null: below it, the parameter is unknown to the schema (style `schema`).
   */
  readonly below: string | { readonly status: number; readonly text: string } | null
  /** Checked while routing: neither UUID nor name is a router error naming this kind. */
  readonly routingKind: string | null
  /** Names of sub-resources that are no identifiers, and how each is refused; others are 404. */
  readonly reserved: Readonly<Record<string, 'missing' | 'method'>>
}

export type ArgumentKind =
  | 'string'
  | 'boolean'
  | 'integer'
  | 'string_list'
  | 'uuid'
  | 'uuid_or_name'
  | 'name'
  | 'mac_address'
  | 'host_port'
  | 'text'
  | 'list'
  | 'object_or_string'
  | 'any'

export interface Operation extends VersionRange {
  readonly id: string
  readonly method: string
  readonly path: string
  readonly parameters: readonly Parameter[]
  readonly body: Schema | null
  /** Status of a good answer. */
  readonly success: number
  /** What the server adds to OpenAPI: see docs/adding-an-endpoint.md. */
  readonly options: OperationOptions
}

export interface OperationOptions {
  /** `classic`: texts of upstream's argument validators; `schema`: all JSON Schema. */
  readonly style: 'classic' | 'schema'
  /** Body members and query arguments are one namespace; otherwise the body is one document. */
  readonly args: 'merged' | 'body'
  /** Name of the body in classic error texts: `Schema error for node: …`; none: `Schema error: …`. */
  readonly bodyName: string | null
  readonly policy: readonly string[]
  /** Arguments the contract does not name are refused by name, or left to the schema, if any. */
  readonly unknown: 'name' | 'schema'
  /** Arguments that path segments past the end fill, in order. */
  readonly positional: readonly string[]
  /** Name of the identifier in error texts, where it differs from the path's. */
  readonly ident: string | null
  /** Answers below `min-ver`, the oldest versions first; the last one has no end. */
  readonly below: readonly Below[]
  /** Serves every method (vendor passthru). */
  readonly anyMethod: boolean
  /** A custom action of the controller above it: its methods are not in `Allow`. */
  readonly custom: boolean
  /** Reachable without authentication. */
  readonly public: boolean
}

/** What a version gets that does not have an operation yet. */
export interface Below {
  /** Highest minor version it is for. */
  readonly max: number
  readonly status: number
  readonly text: string
  /** In the form of routing errors. */
  readonly router: boolean
  /** Header of a 405: the methods that version has there. */
  readonly allow: string | null
  /** The handler asks (`gateOperation`), after what upstream checks first. */
  readonly late: boolean
}

/** A property of an answer. */
export interface Field extends VersionRange {
  readonly name: string
  /** Part of the short list form. */
  readonly short: boolean
  readonly schema: Schema
}
