// Load on an API that remembers what was acknowledged, to be compared with what is there after a crash.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Rest } from './peers/rest.js'
import { until } from './peers/until.js'

/** What the API has acknowledged of one node. */
export interface Entry {
  /** The highest value of `extra.mark`. */
  readonly mark: number
  /** Whether the verb `manage` was accepted. */
  readonly manage: boolean
}

/** By UUID. */
export type Ledger = ReadonlyMap<string, Entry>

interface Row {
  readonly uuid: string
  readonly provision_state: string
  readonly reservation: string | null
  readonly extra: { readonly mark?: number }
}

const width = 4
const pauseMs = 50
const nodesPerWriter = 50
const settleTimeoutMs = 60_000

export class Writers {
  readonly #entries = new Map<string, Entry>()
  readonly #stop = new AbortController()
  readonly #running: Promise<unknown>
  #acknowledged = 0

  /** Creates nodes and changes them until `stop`; the API may be away at times. */
  constructor(rest: Rest) {
    this.#running = Promise.all(Array.from({ length: width }, () => this.#write(rest)))
  }

  /** What was acknowledged so far. */
  get ledger(): Ledger {
    return new Map(this.#entries)
  }

  get acknowledged(): number {
    return this.#acknowledged
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#running
  }

  /** Each writer has nodes of its own, because of two concurrent changes either may be the last. */
  async #write(rest: Rest): Promise<void> {
    const uuids: string[] = []
    for (let turn = 0; !this.#stop.signal.aborted; turn += 1) {
      const done = await this.#writeOnce(rest, uuids, turn).catch(() => false)
      if (done) this.#acknowledged += 1
      else await sleep(pauseMs)
    }
  }

  async #writeOnce(rest: Rest, uuids: string[], turn: number): Promise<boolean> {
    if (uuids.length < nodesPerWriter && turn % 5 === 0) return await this.#create(rest, uuids)
    const uuid = uuids[Math.floor(Math.random() * uuids.length)]
    if (uuid === undefined) return false
    return this.#entries.get(uuid)?.manage === true
      ? await this.#mark(rest, uuid)
      : await this.#manage(rest, uuid)
  }

  async #create(rest: Rest, uuids: string[]): Promise<boolean> {
    const body = { driver: 'fake-hardware' }
    const answer = await rest.send<{ uuid: string }>('POST', '/nodes', body)
    if (answer.status !== 201) return false
    uuids.push(answer.body.uuid)
    this.#note(answer.body.uuid, {})
    return true
  }

  async #manage(rest: Rest, uuid: string): Promise<boolean> {
    const answer = await rest.send('PUT', `/nodes/${uuid}/states/provision`, { target: 'manage' })
    if (answer.status === 202) this.#note(uuid, { manage: true })
    return answer.status === 202
  }

  async #mark(rest: Rest, uuid: string): Promise<boolean> {
    const value = performance.now()
    const patch = [{ op: 'add', path: '/extra/mark', value }]
    const answer = await rest.send('PATCH', `/nodes/${uuid}`, patch)
    if (answer.status === 200) this.#note(uuid, { mark: value })
    return answer.status === 200
  }

  #note(uuid: string, change: Partial<Entry>): void {
    const { mark, manage } = this.#entries.get(uuid) ?? { mark: 0, manage: false }
    this.#entries.set(uuid, {
      mark: Math.max(mark, change.mark ?? 0),
      manage: manage || change.manage === true,
    })
  }
}

/** Undefined while the server has no database. */
async function rows(rest: Rest): Promise<Row[] | undefined> {
  const path = '/nodes?fields=uuid,provision_state,reservation,extra&limit=1000'
  const { status, body } = await rest.send<{ nodes: Row[] }>('GET', path)
  if (status === 503) return undefined
  if (status !== 200) throw new Error(`GET ${path}: ${status} ${JSON.stringify(body)}`)
  return body.nodes
}

const isSettled = ({ provision_state: state, reservation }: Row) =>
  reservation === null && (state === 'enroll' || state === 'manageable')

/** Waits until no node is reserved or halfway. @throws Error that names those which stay so */
async function settled(rest: Rest): Promise<Row[]> {
  let last: Row[] = []
  const look = async () => {
    const current = await rows(rest)
    if (current === undefined) return undefined
    last = current
    return current.every(isSettled) ? current : undefined
  }
  return await until(look, { what: 'settled state', timeoutMs: settleTimeoutMs }).catch((error) => {
    const stuck = JSON.stringify(last.filter((row) => !isSettled(row)).slice(0, 5))
    throw new Error(`${String(error)}: ${stuck}`)
  })
}

/** Returns what a server has lost of a ledger, one line each. */
export async function lossesOf(ledger: Ledger, rest: Rest): Promise<string[]> {
  const byUuid = new Map((await settled(rest)).map((row) => [row.uuid, row]))
  return [...ledger].flatMap(([uuid, entry]) => lossOf(uuid, entry, byUuid.get(uuid)))
}

function lossOf(uuid: string, entry: Entry, row: Row | undefined): string[] {
  if (row === undefined) return [`${uuid} is missing`]
  const mark = row.extra.mark ?? 0
  return [
    ...(mark < entry.mark ? [`${uuid} has mark ${mark}, and ${entry.mark} was acknowledged`] : []),
    ...(entry.manage && row.provision_state === 'enroll' ? [`${uuid} forgot the verb manage`] : []),
  ]
}
