import type { FileHandle } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'

/** Each transfer holds two pieces. */
const pieceBytes = 256 * 1024

/**
 * Writes bytes `first` to `last` of an open file and ends the response: one piece is read while the one
 * before it is on its way, into the same two buffers all the time. A stream of the file allocates each
 * piece anew and reads only when nothing is on its way, which takes about a third more CPU time.
 * @throws Error when the client hangs up or the file has become shorter; what reading throws
 */
export async function sendFile(
  response: ServerResponse,
  file: FileHandle,
  first: number,
  last: number,
): Promise<void> {
  const write = writer(response)
  let [reading, sending] = [Buffer.allocUnsafeSlow(pieceBytes), Buffer.allocUnsafeSlow(pieceBytes)]
  let written = Promise.resolve()
  // Where a read fails first, nobody waits for the write any more.
  const lost = (): void => undefined
  for (let at = first; at <= last;) {
    const { bytesRead } = await file.read(reading, 0, Math.min(pieceBytes, last + 1 - at), at)
    if (bytesRead === 0) throw new Error('the file has become shorter')
    await written
    written = write(reading.subarray(0, bytesRead))
    written.catch(lost)
    at += bytesRead
    ;[reading, sending] = [sending, reading]
  }
  await written
  response.end()
}

/** Writes a piece; resolves when its bytes are no longer needed, rejects when nobody takes them. */
function writer(response: ServerResponse): (piece: Buffer) => Promise<void> {
  const gone = new Promise<never>((_, reject) => {
    response.once('close', () => reject(new Error('the machine hung up')))
  })
  gone.catch(() => undefined)
  const write = (piece: Buffer) =>
    new Promise<void>((resolve, reject) => {
      response.write(piece, (error) => (error ? reject(error) : resolve()))
    })
  return (piece) => Promise.race([write(piece), gone])
}
