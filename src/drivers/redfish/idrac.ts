import { errorText } from '../../error-text.js'
import { BmcError, MissingAttribute } from '../../protocols/redfish/errors.js'
import { asArray, asObject, asString, linkOf, type Json } from '../../protocols/redfish/json.js'
import { managersOf } from '../../protocols/redfish/resources/manager.js'
import { withoutRamdisk } from '../async-steps.js'
import type { Task } from '../interfaces.js'
import { withBmc, type Bmc } from './bmc.js'

/** What Dell added to the standard: the job queue and the iDRAC's own services (`drivers/modules/drac`). */

/** Attempts, ten seconds apart, until a reset iDRAC answers again. */
const readyAttempts = 60
const readyPauseMs = 10_000

/** The service of an OEM extension and the target of one of its actions. */
async function oemTarget(bmc: Bmc, service: string, action: string): Promise<string> {
  const [manager] = await managersOf(bmc.talk, await bmc.system())
  const path = manager?.document.path ?? ''
  const dell = asObject(
    asObject(asObject(asObject(manager?.document.json)['Links'])['Oem'])['Dell'],
  )
  const link = linkOf(dell[service])
  if (link === null) throw new MissingAttribute(`Links/Oem/Dell/${service}`, path)
  const { json } = await bmc.talk.get(link)
  const found = asString(asObject(asObject(asObject(json)['Actions'])[action])['target'])
  return found ?? `${link}/Actions/${action.replace('#', '')}`
}

const oemText = (task: Task, what: string) => (reason: string) =>
  `Manager OEM extension method failed to ${what} on node ${task.node.uuid}. Error: ${reason}`

/** Empties the queue of Lifecycle Controller jobs. @throws RedfishError */
export async function clearJobQueue(task: Task): Promise<undefined> {
  await unlessVerifying(task, () =>
    withBmc(
      task,
      async (bmc) => {
        const action = '#DellJobService.DeleteJobQueue'
        const target = await oemTarget(bmc, 'DellJobService', action)
        await bmc.talk.post(target, { JobID: 'JID_CLEARALL' })
      },
      oemText(task, 'clear job queue'),
    ),
  )
  return undefined
}

/** Restarts the iDRAC and waits until it answers again. @throws RedfishError */
export async function resetIdrac(task: Task): Promise<undefined> {
  await unlessVerifying(task, () =>
    withBmc(
      task,
      async (bmc) => {
        const action = '#DelliDRACCardService.iDRACReset'
        const target = await oemTarget(bmc, 'DelliDRACCardService', action)
        await bmc.talk.post(target, { Force: 'Graceful' })
        await untilReady(bmc)
      },
      oemText(task, 'reset iDRAC'),
    ),
  )
  return undefined
}

/** Both of the above. @throws RedfishError */
export async function knownGoodState(task: Task): Promise<undefined> {
  await resetIdrac(task)
  return await clearJobQueue(task)
}

/** Looks, ten seconds apart, whether controllers take changes without a restart. */
const realTimeAttempts = 30

/**
 * Waits until an iDRAC does RAID at once; one that is not ready in time is asked all the same, and
 * does it at the next start. Without a ramdisk the machine is switched on for it.
 * @throws RedfishError when the iDRAC does not tell
 */
export async function waitUntilRealTime(task: Task): Promise<void> {
  const { ctx, driver, node, signal } = task
  const off = withoutRamdisk(task) && (await driver.power.getPowerState(task)) === 'power off'
  if (off) await task.powerAction('power on')
  for (let attempt = 1; attempt <= realTimeAttempts; attempt++) {
    if (await isRealTime(task)) return
    await ctx.clock.sleep(readyPauseMs, signal)
  }
  ctx.log.bmc.info({ node: node.uuid }, 'the iDRAC is not ready for changes without a restart')
}

async function isRealTime(task: Task): Promise<boolean> {
  return await withBmc(
    task,
    async (bmc) => {
      const action = '#DellLCService.GetRemoteServicesAPIStatus'
      const target = await oemTarget(bmc, 'DellLCService', action)
      return asObject((await bmc.talk.post(target, {})).json)['RTStatus'] === 'Ready'
    },
    oemText(task, 'get real-time ready status'),
  )
}

async function untilReady(bmc: Bmc): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    await bmc.talk.sleep(readyPauseMs)
    try {
      await bmc.system()
      return
    } catch (error) {
      if (attempt >= readyAttempts) throw new BmcError(errorText(error))
    }
  }
}

/** A new node is taken in all the same: older iDRACs do not have these services. */
async function unlessVerifying(task: Task, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    task.signal.throwIfAborted()
    if (task.node.provisionState !== 'verifying') throw error
    task.ctx.log.bmc.warn(
      { error, node: task.node.uuid },
      'the iDRAC could not be brought in order',
    )
  }
}

/**
 * Lets the machine boot from a virtual CD or floppy: an iDRAC takes `Cd` for its own drive, and
 * wants the server configuration profile for the virtual one.
 * @throws RedfishError
 */
export async function setVirtualBootDevice(
  task: Task,
  device: 'cdrom' | 'floppy',
  persistent: boolean,
): Promise<void> {
  const first = device === 'cdrom' ? 'VCD-DVD' : 'VFDD'
  const profile = `<SystemConfiguration><Component FQDD="iDRAC.Embedded.1"><Attribute Name="ServerBoot.1#BootOnce">${persistent ? 'Disabled' : 'Enabled'}</Attribute><Attribute Name="ServerBoot.1#FirstBootDevice">${first}</Attribute></Component></SystemConfiguration>`
  await withBmc(
    task,
    async (bmc) => {
      const target = await importTarget(bmc)
      await importProfile(bmc, target, profile)
    },
    oemText(task, 'set virtual boot device'),
  )
}

async function importTarget(bmc: Bmc): Promise<string> {
  const [manager] = await managersOf(bmc.talk, await bmc.system())
  const actions = asObject(asObject(asObject(manager?.document.json)['Actions'])['Oem'])
  const name = Object.keys(actions).find((key) => key.endsWith('.ImportSystemConfiguration'))
  const target = name === undefined ? null : asString(asObject(actions[name])['target'])
  if (target !== null) return target
  const missing = 'Actions/Oem/#OemManager.ImportSystemConfiguration/target'
  throw new MissingAttribute(missing, manager?.document.path ?? '')
}

async function importProfile(bmc: Bmc, target: string, profile: string): Promise<void> {
  const answer = await bmc.talk.post(target, {
    ShareParameters: { Target: 'ALL' },
    ImportBuffer: profile,
  })
  if (answer.monitor === null) return
  for (let attempt = 1; attempt <= readyAttempts; attempt++) {
    const { json } = await bmc.talk.get(answer.monitor)
    const task: Json = asObject(json)
    const state = asString(task['TaskState'])
    if (state === null || state === 'Completed') return
    if (['Exception', 'Killed', 'Cancelled'].includes(state)) {
      const [message] = asArray(task['Messages'])
      throw new BmcError(asString(asObject(message)['Message']) ?? `the import ended as ${state}`)
    }
    await bmc.talk.sleep(readyPauseMs / 10)
  }
  throw new BmcError('the import of the server configuration did not end')
}
