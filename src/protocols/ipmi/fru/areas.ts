import { Reader } from '../codec/reader.js'
import { endOfFields, typedString } from '../codec/strings.js'

/** The areas of a FRU inventory (Platform Management FRU Information Storage Definition 1.3). */

export interface FruChassis {
  /** As SMBIOS counts them (its table 17): 0x17 is a rack mount chassis. */
  readonly type: number
  readonly partNumber: string
  readonly serialNumber: string
  readonly extra: readonly string[]
}

export interface FruBoard {
  /** Null when it is not said. */
  readonly made: Date | null
  readonly manufacturer: string
  readonly product: string
  readonly serialNumber: string
  readonly partNumber: string
  readonly fileId: string
  readonly extra: readonly string[]
}

export interface FruProduct {
  readonly manufacturer: string
  readonly product: string
  readonly partNumber: string
  readonly version: string
  readonly serialNumber: string
  readonly assetTag: string
  readonly fileId: string
  readonly extra: readonly string[]
}

export interface FruInventory {
  readonly chassis: FruChassis | null
  readonly board: FruBoard | null
  readonly product: FruProduct | null
}

/** Where the areas begin, in bytes; 0: there is none. */
export interface FruHeader {
  readonly chassis: number
  readonly board: number
  readonly product: number
}

export const headerLength = 8
const unit = 8
const version = 1

/** @throws IpmiProtocolError */
export function decodeFruHeader(bytes: Buffer): FruHeader {
  const reader = new Reader(bytes, 'FRU header')
  const head = reader.bytes(headerLength)
  if ((head.readUInt8(0) & 0x0f) !== version) throw reader.error('has an unknown version', 0)
  checkSum(head, reader)
  const at = (index: number): number => head.readUInt8(index) * unit
  return { chassis: at(2), board: at(3), product: at(4) }
}

/** The length of an area, in bytes, from its first two. */
export const areaLength = (bytes: Buffer): number =>
  new Reader(bytes, 'FRU area').skip(1).u8() * unit

function checkSum(bytes: Buffer, reader: Reader): void {
  let sum = 0
  for (const byte of bytes) sum += byte
  if ((sum & 0xff) !== 0) throw reader.error('has a wrong checksum', bytes.length - 1)
}

/** @returns a reader after version and length */
function open(bytes: Buffer, what: string): Reader {
  const reader = new Reader(bytes, what)
  if ((reader.u8() & 0x0f) !== version) throw reader.error('has an unknown version', 0)
  reader.skip(1)
  checkSum(bytes, reader)
  return reader
}

/** The fields from `at` on; those a maker left out at the end are empty. */
function fields(bytes: Buffer, at: number): string[] {
  const found: string[] = []
  for (let next = at; bytes[next] !== endOfFields;) {
    const field = typedString(bytes, next, false)
    if (field === undefined) break
    found.push(field.text.trimEnd())
    next += field.size
  }
  return found
}

/** @throws IpmiProtocolError */
export function decodeChassis(bytes: Buffer): FruChassis {
  const reader = open(bytes, 'FRU chassis area')
  const type = reader.u8()
  const [partNumber = '', serialNumber = '', ...extra] = fields(bytes, reader.offset)
  return { type, partNumber, serialNumber, extra }
}

const epoch = Date.UTC(1996, 0, 1)

/** @throws IpmiProtocolError */
export function decodeBoard(bytes: Buffer): FruBoard {
  const reader = open(bytes, 'FRU board area').skip(1)
  const minutes = reader.u24()
  const [manufacturer = '', product = '', serialNumber = '', partNumber = '', ...rest] = fields(
    bytes,
    reader.offset,
  )
  const [fileId = '', ...extra] = rest
  const made = minutes === 0 ? null : new Date(epoch + minutes * 60_000)
  return { made, manufacturer, product, serialNumber, partNumber, fileId, extra }
}

/** @throws IpmiProtocolError */
export function decodeProduct(bytes: Buffer): FruProduct {
  const reader = open(bytes, 'FRU product area').skip(1)
  const [manufacturer = '', product = '', partNumber = '', itsVersion = '', ...rest] = fields(
    bytes,
    reader.offset,
  )
  const [serialNumber = '', assetTag = '', fileId = '', ...extra] = rest
  const named = { manufacturer, product, partNumber, version: itsVersion }
  return { ...named, serialNumber, assetTag, fileId, extra }
}
