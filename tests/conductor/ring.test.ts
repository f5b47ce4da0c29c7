import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { registerConductor } from '../../src/conductor/cluster/registration.js'
import { RingCache } from '../../src/conductor/cluster/ring.js'
import type { Database } from '../../src/db/types.js'
import { testDatabase } from '../_util/database.js'
import { fakeDrivers, testBed } from './_harness.js'
import recorded from './fixtures/ring-owners.json' with { type: 'json' }

let db: Database

beforeAll(async () => {
  db = await testDatabase()
  const drivers = await fakeDrivers()
  for (const host of recorded.hosts) await registerConductor(await testBed(db, { drivers, host }))
})
afterAll(async () => db.close())

describe.each(Object.entries(recorded.owners))('a ring by %s', (algorithm, owners) => {
  it('gives every node to the conductor that upstream gives it to', async () => {
    const config = {
      DEFAULT: { hash_ring_algorithm: algorithm, hash_partition_exponent: recorded.exponent },
    }
    const ring = await new RingCache(await testBed(db, { config })).current()
    expect(recorded.keys.map((uuid) => ring.owner('fake-hardware', '', uuid))).toEqual(owners)
  })
})
