// Joins the embedded server in the directory that is its argument, says so, and waits to be killed.
import { systemClock } from '../../src/clock.js'
import { joinServer } from '../../src/db/embedded/server.js'
import { silent } from '../_util/silent.js'

const [home = ''] = process.argv.slice(2)
await joinServer({ home, user: 'nobody', clock: systemClock, log: silent.db })
process.stdout.write('ready\n')
setInterval(() => undefined, 60_000)
