import type { FileHandle } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'

/** Each transfer holds two pieces. */
const pieceBytes = 256 * 1024

/**
 * Writes bytes `first` to `last` of an open file and ends the response. One piece is read while the one
 * before it is sent, and both use the same two buffers. A stream of the file allocates every piece and
 * reads only between two sends, which takes about a third more CPU time.
 * @throws Error when the client closes the connection or the file has become shorter; what reading throws
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
  // When a read fails first, the result of the write no longer matters.
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

/** Writes a piece. Resolves when its bytes are no longer needed, rejects when the client is gone. */
function writer(response: ServerResponse): (piece: Buffer) => Promise<void> {
  const gone = new Promise<never>((_, reject) => {
    response.once('close', () => reject(new Error('the machine closed the connection')))
  })
  gone.catch(() => undefined)
  const write = (piece: Buffer) =>
    new Promise<void>((resolve, reject) => {
      response.write(piece, (error) => (error ? reject(error) : resolve()))
    })
  return (piece) => Promise.race([write(piece), gone])
}
