// The databases and queues a home stands on: given by FERRIC_TEST_*_URL, or started for the test.
import { randomUUID } from 'node:crypto'
import postgres from 'postgres'
import { servePeers } from './serve.js'

/** A URL to use and how to give it back. */
export type Store = AsyncDisposable & { url: string }

async function onServer(url: string, statement: string): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => undefined })
  try {
    await sql.unsafe(statement)
  } finally {
    await sql.end()
  }
}

async function freshDatabase(server: string): Promise<Store> {
  const name = `ferric_${randomUUID().replaceAll('-', '')}`
  await onServer(server, `create database ${name}`)
  const url = new URL(server)
  url.pathname = `/${name}`
  const drop = () => onServer(server, `drop database ${name} with (force)`)
  return { url: url.href, [Symbol.asyncDispose]: drop }
}

async function served(name: 'postgres' | 'redis'): Promise<Store> {
  const peers = await servePeers([name])
  const stop = () => peers[Symbol.asyncDispose]()
  return { url: peers.peers[0]?.url ?? '', [Symbol.asyncDispose]: stop }
}

/** An empty PostgreSQL database of its own. */
export async function postgresStore(): Promise<Store> {
  const given = process.env.FERRIC_TEST_POSTGRES_URL
  if (given) return freshDatabase(given)
  return served('postgres')
}

/** An empty Redis of its own: servers share queue names, so a database number would do no better. */
export function redisStore(): Promise<Store> {
  return served('redis')
}
