// The newest `openstack baremetal` takes fake hardware through its whole life, in every home.
// FERRIC_TARGETS=ironic-debian,ironic-newest walks a real Ironic instead: the proof that the walk is true.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openstackClient } from '../_util/peers/openstack.js'
import { startTarget, targetNames, type Target, type TargetName } from '../_util/peers/target.js'
import * as detours from './walk/node-detours.js'
import * as life from './walk/node-life.js'
import * as record from './walk/node-record.js'
import * as resources from './walk/resources.js'
import { typed } from './walk/typed.js'
import type { Walker } from './walk/walker.js'

type Leg = [what: string, walk: (walker: Walker) => Promise<void>]

const LEGS: Leg[] = [
  ['sets and unsets every attribute', record.setAndUnset],
  ['lists, filters, sorts and pages', record.listing],
  ['adds and removes traits', record.traits],
  ['sets and lifts maintenance', record.maintenance],
  ['validates', record.validate],
  ['says what is wrong, and deletes', record.faultsAndDelete],
  ['manages, inspects, cleans with steps and provides', life.enrolToAvailable],
  ['deploys with a config drive and rebuilds', life.deployAndRebuild],
  ['rescues and unrescues', life.rescue],
  ['switches power, hard and soft', life.power],
  ['handles boot device, console and VIFs', life.attachments],
  ['calls vendor methods', life.passthru],
  ['undeploys, deploys with steps, deletes', life.undeployAndDelete],
  ['adopts and protects', detours.adopt],
  ['aborts', detours.abort],
  ['services', detours.service],
  ['retires', detours.retire],
  ['keeps ports and port groups', resources.ports],
  ['keeps chassis', resources.chassis],
  ['allocates', resources.allocations],
  ['deploys by template', resources.templates],
  ['shows drivers and conductors', resources.driversAndConductors],
  ['answers commands typed one by one', typed],
]

/** Service came with 1.87, after the Ironic that Debian 12 has. */
const legsOf = (name: TargetName): Leg[] =>
  LEGS.filter(([, walk]) => name !== 'ironic-debian' || walk !== detours.service)

describe.each(targetNames())('the openstack client on %s', (name) => {
  let target: Target
  let walker: Walker
  beforeAll(async () => {
    target = await startTarget(name)
    const real = name.startsWith('ironic')
    walker = { cli: await openstackClient(target.url), minor: target.minor, real }
  }, 600_000)
  afterAll(async () => {
    await walker?.cli[Symbol.asyncDispose]()
    await target?.[Symbol.asyncDispose]()
  }, 60_000)

  it.each(legsOf(name))('%s', { timeout: 120_000 }, async (_what, walk) => {
    expect(await walk(walker)).toBeUndefined()
  })
})
