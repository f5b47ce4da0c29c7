import type { Database } from './types.js'

/**
 * Hears what is told by `pg_notify` on a channel, as long as the database is open; survives a
 * reconnect, but what was told meanwhile is lost.
 * @throws the driver's error when the subscription cannot be made
 */
export async function onNotification(
  db: Database,
  channel: string,
  heard: (payload: string) => void,
): Promise<void> {
  const client = await db.pool.connect()
  client.on('notification', (event: { channel: string; payload?: string }) => {
    if (event.channel === channel) heard(event.payload ?? '')
  })
  await client.query(`LISTEN ${channel}`)
}
