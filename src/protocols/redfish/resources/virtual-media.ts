import type { Document } from '../client.js'
import { BmcError, HttpFault, MissingAction } from '../errors.js'
import { listOf, load, optional, text, truth, type Loaded } from '../loader.js'
import type { Talk } from '../talk.js'
import { members } from './collection.js'

const shape = {
  id: optional('Id', text),
  name: optional('Name', text),
  mediaTypes: optional('MediaTypes', listOf(text)),
  image: optional('Image', text),
  inserted: optional('Inserted', truth),
  insertTarget: optional('Actions/#VirtualMedia.InsertMedia/target', text),
  transferProtocols: optional(
    'Actions/#VirtualMedia.InsertMedia/TransferProtocolType@Redfish.AllowableValues',
    listOf(text),
  ),
  transferProtocol: optional('TransferProtocolType', text),
  ejectTarget: optional('Actions/#VirtualMedia.EjectMedia/target', text),
}

/** A drive that exists only in the BMC (VirtualMedia). */
export type VirtualDrive = Loaded<typeof shape> & { readonly document: Document }

export type MediaType = 'CD' | 'DVD' | 'Floppy' | 'USBStick'

/** @throws BmcError */
export async function virtualDrives(talk: Talk, collection: string): Promise<VirtualDrive[]> {
  const documents = await members(talk, collection)
  return documents.map((document) => ({ ...load(shape, document), document }))
}

/** @throws BmcError */
export async function readDrive(talk: Talk, drive: VirtualDrive): Promise<VirtualDrive> {
  const document = await talk.get(drive.document.path)
  return { ...load(shape, document), document }
}

/** Whether a drive takes a medium: some blades have DVD drives only, which take CDs. */
export const takes = (drive: VirtualDrive, type: MediaType): boolean =>
  (drive.mediaTypes ?? []).some((m) => m === type || (type === 'CD' && m === 'DVD'))

export interface ImageAccess {
  readonly username?: string
  readonly password?: string
  /** Whether the machine must not write to it. Default: it must not. */
  readonly writeProtected?: boolean
  /** `TransferProtocolType`; absent: the service takes it from the image's URL. */
  readonly transferProtocol?: string
}

/**
 * Inserts an image. Services that want more than the standard asks for say what; they get it and
 * are asked once more, which is no repetition: they refused the first request.
 * @throws BmcError, MissingAction for a drive that takes no images
 */
export async function insertMedia(
  talk: Talk,
  drive: VirtualDrive,
  image: string,
  access: ImageAccess = {},
): Promise<void> {
  const account = {
    ...(access.username === undefined ? {} : { UserName: access.username }),
    ...(access.password === undefined ? {} : { Password: access.password }),
    ...(access.transferProtocol === undefined
      ? {}
      : { TransferProtocolType: access.transferProtocol }),
  }
  const writeProtected = access.writeProtected ?? true
  if (drive.insertTarget === null) {
    const whole = { Image: image, Inserted: true, WriteProtected: writeProtected, ...account }
    await change(talk, await patchable(talk, drive, '#VirtualMedia.InsertMedia'), whole)
    return
  }
  // Supermicro refuses what is the default already.
  const given = writeProtected ? {} : { WriteProtected: false }
  await insertAsking(talk, drive.insertTarget, { Image: image, ...given, ...account })
}

type Body = Readonly<Record<string, unknown>>

async function insertAsking(talk: Talk, target: string, first: Body): Promise<void> {
  let body = first
  for (let more: Body | null = {}; more !== null;) {
    body = { ...body, ...more }
    try {
      await talk.post(target, body)
      return
    } catch (error) {
      more = error instanceof HttpFault ? wanted(error, body) : null
      if (more === null) throw error
    }
  }
}

/** What a refusal asks for that was not given; null when it is about something else. */
function wanted(fault: HttpFault, body: Body): Body | null {
  const image = String(body['Image'])
  if (!('TransferProtocolType' in body) && misses(fault, 'TransferProtocolType')) {
    if (image.startsWith('https://')) return { TransferProtocolType: 'HTTPS' }
    if (image.startsWith('http://')) return { TransferProtocolType: 'HTTP' }
  }
  if (!('TransferMethod' in body) && misses(fault, 'TransferMethod')) {
    return { TransferMethod: 'Stream' }
  }
  // Seen with NVIDIA's DGX: an account is a must, also where the image needs none.
  const account = misses(fault, 'UserName') || misses(fault, 'Password')
  return !('UserName' in body) && account ? { UserName: 'none', Password: 'none' } : null
}

function misses(fault: HttpFault, property: string): boolean {
  const general = fault.code.endsWith('GeneralError') && (fault.detail?.includes(property) ?? false)
  return general || fault.isAbout(['ActionParameterMissing', 'PropertyMissing'], property)
}

/**
 * Takes the image out.
 * @throws BmcError
 */
export async function ejectMedia(talk: Talk, drive: VirtualDrive): Promise<void> {
  if (drive.ejectTarget === null) {
    const document = await patchable(talk, drive, '#VirtualMedia.EjectMedia')
    return await change(talk, document, { Image: null, Inserted: false })
  }
  try {
    await talk.post(drive.ejectTarget, {})
  } catch (error) {
    if (!(error instanceof HttpFault) || !(await isEmpty(talk, drive))) throw error
  }
}

const isEmpty = async (talk: Talk, drive: VirtualDrive): Promise<boolean> =>
  (await readDrive(talk, drive)).inserted !== true

async function change(talk: Talk, document: Document, body: Body): Promise<void> {
  await talk.patch(document, body)
}

/** Older services have no actions: the drive itself is changed, where it may be. */
async function patchable(talk: Talk, drive: VirtualDrive, action: string): Promise<Document> {
  const { path } = drive.document
  const answer = await talk.client.request(talk.call, 'GET', path)
  const allow = answer.headers['allow']?.toUpperCase() ?? ''
  if (!allow.includes('PATCH')) throw new MissingAction(action, path)
  return drive.document
}

/**
 * Waits until a drive shows what it was told to: some services answer before they have done it.
 * @throws BmcError when it does not within `limitMs`
 */
export async function verifyDrive(
  talk: Talk,
  drive: VirtualDrive,
  inserted: boolean,
  limitMs: number,
): Promise<VirtualDrive> {
  for (let slept = 0; ; slept += pauseMs) {
    const now = await readDrive(talk, drive)
    if ((now.inserted ?? now.image !== null) === inserted) return now
    if (slept >= limitMs) {
      const state = inserted ? 'show the image that was inserted' : 'let go of its image'
      throw new BmcError(`Virtual media ${drive.document.path} does not ${state}`)
    }
    await talk.sleep(pauseMs)
  }
}
const pauseMs = 1000
