import { api } from './api.js'
import { conductor } from './conductor.js'
import { database } from './database.js'
import { DEFAULT } from './default.js'
import { fake } from './fake.js'
import { ferric } from './ferric.js'

/** Every group Ferric reads, in the order `ferric config` prints them. */
export const optionGroups = { DEFAULT, api, conductor, database, fake, ferric } as const
