/** Paging, sorting and `next` links (docs/reference/rest-api.md, section 6). */
import { and, asc, desc, getTableColumns, gt, lt, or, sql, type SQL } from 'drizzle-orm'
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core'
import { Invalid } from '../errors.js'
import type { Operation } from './contract/types.js'

export interface PageArguments {
  readonly limit?: number | undefined
  readonly sort_key?: string | undefined
  readonly sort_dir?: string | undefined
}

export interface Page {
  readonly limit: number
  readonly sortKey: string
  readonly sortDir: 'asc' | 'desc'
}

/**
 * Checks paging arguments, in upstream's order.
 * @param refused sort keys upstream lists as invalid for the resource
 * @throws Invalid 400
 */
export function readPage(args: PageArguments, maxLimit: number, refused: readonly string[]): Page {
  const { limit, sort_key: sortKey = 'id', sort_dir: sortDir = 'asc' } = args
  if (limit !== undefined && limit <= 0) throw new Invalid('Limit must be positive')
  if (sortDir !== 'asc' && sortDir !== 'desc') {
    throw new Invalid(`Invalid sort direction: ${sortDir}. Acceptable values are 'asc' or 'desc'`)
  }
  if (refused.includes(sortKey)) {
    throw new Invalid(`The sort_key value ${sortKey} is an invalid field for sorting`)
  }
  return { limit: Math.min(limit ?? maxLimit, maxLimit), sortKey, sortDir }
}

type IdTable = PgTable & { id: PgColumn }

/** The column behind a wire name; an empty one is `id`. @throws Invalid when the table has none */
export function sortColumn(table: PgTable, sortKey: string): PgColumn {
  const wanted = sortKey || 'id'
  const column = Object.values(getTableColumns(table)).find((c) => c.name === wanted)
  if (column === undefined) {
    throw new Invalid(`The sort_key value "${sortKey}" is an invalid field for sorting`)
  }
  return column
}

/** Nulls sort as SQLite and MySQL have them: first ascending, last descending. */
export function orderBy(table: IdTable, page: Page): SQL[] {
  const column = sortColumn(table, page.sortKey)
  const direction = page.sortDir === 'asc' ? asc : desc
  if (column.name === table.id.name) return [direction(table.id)]
  // No index would serve an order that speaks of nulls which cannot be.
  if (column.notNull) return [direction(column), direction(table.id)]
  const nulls = page.sortDir === 'asc' ? sql`nulls first` : sql`nulls last`
  return [sql`${direction(column)} ${nulls}`, direction(table.id)]
}

/**
 * The rows after a marker row, by keyset: (sort key, id) greater or less.
 * @param marker the marker's row, with the columns of the table
 */
export function afterMarker(
  table: IdTable,
  page: Page,
  marker: Record<string, unknown>,
): SQL | undefined {
  const column = sortColumn(table, page.sortKey)
  const beyond = page.sortDir === 'asc' ? gt : lt
  const key = Object.entries(getTableColumns(table)).find(([, c]) => c.name === column.name)?.[0]
  const value = marker[key ?? 'id']
  const pastId = beyond(table.id, marker['id'])
  if (column.name === table.id.name) return pastId
  if (value === null) {
    const same = and(sql`${column} is null`, pastId)
    return page.sortDir === 'asc' ? or(sql`${column} is not null`, same) : same
  }
  // One comparison of rows is one range of an index; its `or` form is none.
  const than = page.sortDir === 'asc' ? sql`>` : sql`<`
  const from = column.dataType === 'date' ? timeOf(table, column, marker) : sql.param(value, column)
  const past = sql`(${column}, ${table.id}) ${than} (${from}, ${marker['id']})`
  return page.sortDir === 'asc' || column.notNull ? past : or(past, sql`${column} is null`)
}

/** A marker's time as the database has it: a `Date` lacks its microseconds, and the marker would come again. */
const timeOf = (table: IdTable, column: PgColumn, marker: Record<string, unknown>): SQL =>
  sql`(select ${column} from ${table} where ${table.id} = ${marker['id']})`

/** How a list shows its rows. */
export interface LinkForm {
  readonly detail?: boolean | undefined
  /** Names of the fields that the list shows. */
  readonly fields?: readonly string[] | undefined
}

/** Query arguments that do not limit a list. */
const notFilters = new Set(['limit', 'marker', 'sort_key', 'sort_dir', 'detail', 'fields'])

/** What a request for a list brings that its `next` link needs. */
export interface ListRequest {
  readonly operation: Operation
  readonly args: unknown
  readonly baseUrl: string
}

/**
 * The arguments of a `next` link but for `limit` and `marker`, in upstream's order: the sorting, every
 * filter of the request, the form. Upstream drops most filters (docs/differences.md), so that
 * its second page holds rows that the client did not request.
 */
function linkArguments(
  request: ListRequest,
  page: Page,
  { detail, fields }: LinkForm,
): [string, string][] {
  const args: [string, string][] = [
    ['sort_key', page.sortKey],
    ['sort_dir', page.sortDir],
    ...filtersOf(request),
  ]
  if (detail !== undefined) args.push(['detail', detail ? 'True' : 'False'])
  if (fields !== undefined && fields.length > 0) args.push(['fields', fields.join(',')])
  return args
}

/** The query arguments of a request that limit its list, percent-encoded. */
function filtersOf({ operation, args }: ListRequest): [string, string][] {
  const values = args as Readonly<Record<string, unknown>>
  return operation.parameters
    .filter((p) => p.in === 'query' && !notFilters.has(p.name))
    .flatMap(({ name }): [string, string][] => {
      const value = values[name]
      return value === undefined || value === null ? [] : [[name, queryValue(value)]]
    })
}

/** A value as the reader of arguments takes it. */
function queryValue(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (Array.isArray(value)) return value.map((item) => encodeURIComponent(String(item))).join(',')
  return encodeURIComponent(String(value))
}

/**
 * The collection a request lists, as its own path names it: `nodes/<node>/ports`. A list below another
 * object stays there on its next page.
 */
function placeOf({ operation, args }: ListRequest): string {
  const values = args as Readonly<Record<string, unknown>>
  return operation.path
    .replace(/^\/v1\//, '')
    .replace(/\{(\w+)\}/g, (_match, name: string) => encodeURIComponent(String(values[name])))
}

/**
 * The `next` link, when the page is full.
 * @param returned the number of rows on this page
 * @param marker identifier of its last row
 */
export function nextLink(
  request: ListRequest,
  page: Page,
  form: LinkForm,
  returned: number,
  marker: string | undefined,
): { next?: string } {
  if (returned < page.limit || marker === undefined) return {}
  const args = linkArguments(request, page, form)
  const query = args.map(([name, value]) => `${name}=${value}&`).join('')
  const place = `${request.baseUrl}/v1/${placeOf(request)}`
  return { next: `${place}?${query}limit=${page.limit}&marker=${marker}` }
}
