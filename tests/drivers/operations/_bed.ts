import { afterAll, beforeAll } from 'vitest'
import type { ConfigOverrides } from '../../../src/config/index.js'
import { defaultConfig } from '../../../src/config/index.js'
import type { NodeInsert, NodeRow } from '../../../src/db/rows.js'
import * as schema from '../../../src/db/schema/index.js'
import type { Database } from '../../../src/db/types.js'
import { createDriverRegistry } from '../../../src/drivers/registry.js'
import type { DriverPackage } from '../../../src/drivers/packages.js'
import { addNode, testBed, type Bed } from '../../conductor/_harness.js'
import { testDatabase } from '../../_util/database.js'
import { log } from '../_util/task.js'

export interface Operations {
  readonly ctx: Bed
  node(values?: Partial<NodeInsert>): Promise<NodeRow>
}

/** A process with a database and real drivers, shared by the tests of a file. */
export function operationsBed(
  config: ConfigOverrides = {},
  packages: readonly DriverPackage[] = [],
): Operations {
  let db: Database | undefined
  let ctx: Bed | undefined
  beforeAll(async () => {
    db = await testDatabase()
    const drivers = await createDriverRegistry(defaultConfig(config), log.drivers, { packages })
    ctx = await testBed(db, { drivers, config })
    const [row] = await db.orm
      .insert(schema.conductors)
      .values({ hostname: ctx.host, updatedAt: ctx.clock.now() })
      .returning()
    const types = [...drivers.hardwareTypes.keys()].map((hardwareType) => ({
      conductorId: row!.id,
      hardwareType,
      interfaceType: 'power',
      interfaceName: 'fake',
    }))
    await db.orm.insert(schema.conductorHardwareInterfaces).values(types)
  })
  afterAll(() => db?.close())
  return {
    get ctx() {
      if (ctx === undefined) throw new Error('the bed is not made yet')
      return ctx
    },
    node(values) {
      return addNode(this.ctx, values)
    },
  }
}

export const textOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work
  } catch (error) {
    return (error as Error).message
  }
  return 'no error'
}
export const statusOf = async (work: Promise<unknown>): Promise<number> => {
  try {
    await work
  } catch (error) {
    return (error as { status: number }).status
  }
  return 200
}
