// One server of each `auth_strategy`, of Ferric in a home or of a real Ironic, before one real Keystone.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hash } from 'bcryptjs'
import { fakeConf, type ConfChanges } from '../../scripts/peers/conf.mjs'
import { Identity } from '../compat/keystone/identity.js'
import { Ferric, type Home } from '../_util/peers/ferric.js'
import { servePeers, type PeerName } from '../_util/peers/serve.js'

export type Strategy = 'noauth' | 'http_basic' | 'keystone'

/** What administrators prove themselves with, and the options of a server that lets them in. */
export interface People {
  readonly basic: Record<string, string>
  readonly token: Record<string, string>
  readonly conf: (strategy: Strategy, dir: string) => ConfChanges
}

/** A server, and the processes whose processor time it costs. */
export interface Serving {
  readonly url: string
  readonly pids: readonly number[]
}
/** The servers of one kind under measurement. */
export type Subjects = AsyncDisposable & { readonly of: Record<Strategy, Serving> }

const password = 'the-password-of-bench'

/** Makes an administrator of the system and a service user in a Keystone. */
export async function prepareIdentity(keystoneUrl: string): Promise<People> {
  const identity = new Identity(keystoneUrl)
  await identity.login()
  const service = await identity.user('bench-service')
  await identity.grant(service, 'service', await identity.project('service'))
  const admin = await identity.user('bench-admin')
  await identity.grant(admin, 'admin', 'system')
  const digest = await hash(password, 10)
  const token = await identity.token(admin, { system: { all: true } })
  const conf = (strategy: Strategy, dir: string): ConfChanges => {
    const file = join(dir, 'htpasswd')
    writeFileSync(file, `bench:${digest}\n`)
    return {
      DEFAULT: { auth_strategy: strategy, http_basic_auth_user_file: file },
      keystone_authtoken: {
        auth_url: keystoneUrl,
        www_authenticate_uri: keystoneUrl,
        auth_type: 'password',
        username: service.name,
        password: service.password,
        user_domain_id: 'default',
        project_name: 'service',
        project_domain_id: 'default',
      },
    }
  }
  const login = Buffer.from(`bench:${password}`).toString('base64')
  return { basic: { Authorization: `Basic ${login}` }, token: { 'X-Auth-Token': token }, conf }
}

type Started = AsyncDisposable & Serving

async function ferric(home: Home, conf: ConfChanges, people: People): Promise<Started> {
  const server = await Ferric.prepare(home, fakeConf(conf), { ...people.basic, ...people.token })
  await server.start()
  return server
}

async function realIronic(peer: PeerName, conf: ConfChanges): Promise<Started> {
  const served = await servePeers([peer], conf)
  const end = () => served[Symbol.asyncDispose]()
  const [one] = served.peers
  if (one === undefined) throw new Error(`${peer} did not start`)
  return { url: one.url, pids: [one.pid], [Symbol.asyncDispose]: end }
}

/** @param name `ferric <home>` or a real Ironic's peer name */
export async function oneOfEach(name: string, people: People): Promise<Subjects> {
  const dir = mkdtempSync(join(tmpdir(), 'ferric-bench-auth-'))
  const started: Started[] = []
  const end = async () => {
    await Promise.all(started.map((one) => one[Symbol.asyncDispose]()))
    rmSync(dir, { recursive: true, force: true })
  }
  const start = async (strategy: Strategy): Promise<Serving> => {
    const conf = people.conf(strategy, dir)
    const home = /^ferric (.*)$/.exec(name)?.[1] as Home | undefined
    const one = await (home === undefined
      ? realIronic(name as PeerName, conf)
      : ferric(home, conf, people))
    started.push(one)
    return one
  }
  try {
    const noauth = await start('noauth')
    const basic = await start('http_basic')
    const of = { noauth, http_basic: basic, keystone: await start('keystone') }
    return { of, [Symbol.asyncDispose]: end }
  } catch (e) {
    await end()
    throw e
  }
}
