import { parse, protocol } from '@electric-sql/pglite'
import type { messages, PGlite, QueryOptions, Results } from '@electric-sql/pglite'
import { PreparedTexts } from './prepared.js'

/**
 * PGlite parses and plans every statement anew and speaks to its PostgreSQL six times for it. A
 * statement that comes again is prepared here under a name and from then on takes one exchange.
 */

type Message = messages.BackendMessage
type Speaker = Pick<PGlite, 'execProtocolStream' | 'isInTransaction' | 'serializers' | 'parsers'>

interface Prepared {
  readonly name: string
  readonly parameters: readonly number[]
  /** How its rows look; null when it has none. */
  readonly row: Message | null
}

/** Codes of: what it reads has other columns now; nobody knows it. It has to be prepared anew. */
const outdated = new Set(['0A000', '26000'])

/** Of a type the driver knows no form of, PostgreSQL reads text. */
const plainText = (value: { toString(): string }): string => value.toString()

export class PglitePrepared {
  readonly #pg: Speaker
  readonly #texts = new PreparedTexts()
  readonly #known = new Map<string, Prepared>()
  #names = 0

  constructor(pg: Speaker) {
    this.#pg = pg
  }

  /** Counts a statement that is about to run. @returns whether to run it here */
  takes(text: string, options: QueryOptions | undefined): boolean {
    return options?.blob === undefined && this.#texts.prepares(text)
  }

  /**
   * Runs a statement, prepared. The caller has the session to itself meanwhile.
   * @throws PostgreSQL's error, as the driver reads it
   */
  async run<T>(
    text: string,
    params: readonly unknown[],
    options: QueryOptions | undefined,
  ): Promise<Results<T>> {
    const known = this.#known.get(text)
    if (known === undefined) return await this.#execute(await this.#prepare(text), params, options)
    try {
      return await this.#execute(known, params, options)
    } catch (error) {
      if (!outdated.has(String((error as { code?: unknown }).code))) throw error
      this.#known.delete(text)
      if (this.#pg.isInTransaction()) throw error
      return await this.run(text, params, options)
    }
  }

  async #execute<T>(
    prepared: Prepared,
    params: readonly unknown[],
    options: QueryOptions | undefined,
  ): Promise<Results<T>> {
    const told = await this.#send([
      protocol.serialize.bind({
        statement: prepared.name,
        values: this.#values(prepared, params, options),
      }),
      protocol.serialize.execute(),
    ])
    return this.#read<T>(prepared, told, options)
  }

  async #prepare(text: string): Promise<Prepared> {
    const name = `ferric_${++this.#names}`
    const told = await this.#send([
      protocol.serialize.parse({ name, text }),
      protocol.serialize.describe({ type: 'S', name }),
    ])
    const row = told.find((message) => message.name === 'rowDescription') ?? null
    const prepared = { name, row, parameters: parse.parseDescribeStatementResults(told) }
    this.#known.set(text, prepared)
    return prepared
  }

  /** What is written is on its way to the disk when this resolves: `syncToFs` has nothing to add there. */
  async #send(parts: readonly Uint8Array[]): Promise<Message[]> {
    const bytes = Buffer.concat([...parts, protocol.serialize.sync()])
    return await this.#pg.execProtocolStream(bytes, { syncToFs: false })
  }

  #values({ parameters }: Prepared, params: readonly unknown[], options?: QueryOptions) {
    return params.map((value, at) => {
      if (value === null || value === undefined) return null
      const type = parameters[at] ?? 0
      const write = options?.serializers?.[type] ?? this.#pg.serializers[type] ?? plainText
      return write(value)
    })
  }

  /** The driver would copy all readers it knows for each statement; ours only stand before them. */
  #read<T>(
    { row }: Prepared,
    told: readonly Message[],
    options: QueryOptions | undefined,
  ): Results<T> {
    const { parsers, ...others } = options ?? {}
    const readers: Speaker['parsers'] = Object.assign(Object.create(this.#pg.parsers), parsers)
    const all = row === null ? [...told] : [row, ...told]
    return parse.parseResults(all, readers, others)[0] as Results<T>
  }
}
