/** Logging in (RFC 7143, 6.3): security without authentication, then the parameters. */
import { randomBytes } from 'node:crypto'
import {
  decodeText,
  encodeText,
  immediate,
  IscsiError,
  mostReceived,
  newHeader,
  opcode,
  type Pdu,
} from './pdu.js'

export interface Negotiated {
  /** Bytes one PDU of ours may carry. */
  readonly segment: number
  readonly statSn: number
  readonly cmdSn: number
  readonly maxCmdSn: number
}

interface Names {
  readonly initiator: string
  readonly target: string
}
type Ask = (header: Buffer, data: Buffer) => Promise<Pdu>

/** Digests are left to TCP; all written data wait to be asked for. */
const parameters = {
  HeaderDigest: 'None',
  DataDigest: 'None',
  MaxRecvDataSegmentLength: String(mostReceived),
  MaxBurstLength: '1048576',
  FirstBurstLength: '65536',
  InitialR2T: 'Yes',
  ImmediateData: 'No',
  MaxOutstandingR2T: '1',
  MaxConnections: '1',
  DefaultTime2Wait: '2',
  DefaultTime2Retain: '0',
  ErrorRecoveryLevel: '0',
  DataPDUInOrder: 'Yes',
  DataSequenceInOrder: 'Yes',
}
const mostRounds = 16
const transit = 0x80
type Stage = 0 | 1 | 3

/**
 * @param ask sends one request and resolves to the answer
 * @throws IscsiError when the target refuses
 */
export async function login(ask: Ask, names: Names): Promise<Negotiated> {
  const isid = Buffer.concat([Buffer.from([0x80]), randomBytes(5)])
  const found: Record<string, string> = {}
  let statSn = 0
  let stage: Stage = 0
  let text: Record<string, string> = {
    InitiatorName: names.initiator,
    TargetName: names.target,
    SessionType: 'Normal',
    AuthMethod: 'None',
  }
  for (let round = 0; round < mostRounds; round++) {
    const next: Stage = stage === 0 ? 1 : 3
    const answer = await ask(request(isid, stage, next, statSn), encodeText(text))
    refuseFailure(answer, names.target)
    Object.assign(found, decodeText(answer.data))
    statSn = answer.header.readUInt32BE(24) + 1
    const flags = answer.header[1] ?? 0
    // Not yet: it has more to say, and is asked again with nothing.
    text = {}
    if ((flags & transit) === 0) continue
    stage = (flags & 3) as Stage
    if (stage === 3) return negotiated(found, answer, statSn)
    if (stage === 1) text = parameters
  }
  throw new IscsiError(`The iSCSI target ${names.target} does not come to an end of the login`)
}

function request(isid: Buffer, stage: Stage, next: Stage, statSn: number): Buffer {
  const header = newHeader(opcode.login | immediate, transit | (stage << 2) | next)
  isid.copy(header, 8)
  header.writeUInt32BE(1, 16)
  header.writeUInt32BE(1, 24)
  header.writeUInt32BE(statSn, 28)
  return header
}

const classes: Readonly<Record<number, string>> = {
  0x0101: 'it has moved',
  0x0102: 'it has moved',
  0x0201: 'it wants authentication',
  0x0202: 'it does not let us in',
  0x0203: 'there is no such target',
  0x0204: 'the target was removed',
}

function refuseFailure({ header }: Pdu, target: string): void {
  if (header[0] !== opcode.loginResponse) throw new IscsiError('The login was answered with else')
  const status = header.readUInt16BE(36)
  if (status === 0) return
  const why = classes[status] ?? `status 0x${status.toString(16).padStart(4, '0')}`
  throw new IscsiError(`The iSCSI target ${target} refuses the login: ${why}`)
}

function negotiated(found: Record<string, string>, { header }: Pdu, statSn: number): Negotiated {
  for (const key of ['HeaderDigest', 'DataDigest']) {
    if ((found[key] ?? 'None') !== 'None') throw new IscsiError(`The target insists on ${key}`)
  }
  const segment = Number(found['MaxRecvDataSegmentLength'] ?? 8192)
  if (!(segment >= 512)) throw new IscsiError('The target takes no data')
  return {
    segment: Math.min(segment, mostReceived),
    statSn,
    cmdSn: header.readUInt32BE(28),
    maxCmdSn: header.readUInt32BE(32),
  }
}
