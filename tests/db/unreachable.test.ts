import { expect, it } from 'vitest'
import { defaultConfig } from '../../src/config/index.js'
import { openDatabase } from '../../src/db/client.js'
import { DatabaseUnavailable, fromUnknown } from '../../src/errors.js'
import { silent } from '../_util/silent.js'

/** Returns what a client gets when the database cannot be reached. */
async function answerWith(connection: string) {
  const config = defaultConfig({ database: { connection } })
  return await openDatabase(config, silent.db).catch(fromUnknown)
}

it('is unavailable while no server has the socket', async () => {
  const answer = await answerWith('postgresql://ferric@localhost/ferric?host=/nonexistent')
  expect(answer).toBeInstanceOf(DatabaseUnavailable)
})

it('is unavailable while no server listens', async () => {
  const answer = await answerWith('postgresql://ferric@127.0.0.1:1/ferric')
  expect(answer).toBeInstanceOf(DatabaseUnavailable)
})
