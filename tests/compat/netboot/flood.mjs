// node flood.mjs ADDRESS PORT FILE: sends every packet of FILE (each after its length in two bytes) to a
// port, and after each fifty asks the TFTP server beside it for a file that is not there. Prints how many
// were sent and the longest wait for an answer in milliseconds. Fails when one does not come in ten seconds.
import { createSocket } from 'node:dgram'
import { readFileSync } from 'node:fs'

const [address, port, file] = process.argv.slice(2)
const family = address.includes(':') ? 'udp6' : 'udp4'
const packets = readFileSync(file)
const question = Buffer.from('\0\x01absent\0octet\0', 'latin1')
const attempts = 10

/** Resolves to the milliseconds until the TFTP server said ERROR; asks again each second. */
function answered() {
  const began = performance.now()
  return new Promise((resolve, reject) => {
    const socket = createSocket(family)
    let left = attempts
    const ask = () => {
      if (left-- === 0) reject(new Error('the TFTP server is silent'))
      else socket.send(question, 69, address)
    }
    const timer = setInterval(ask, 1000)
    socket.once('message', () => {
      clearInterval(timer)
      socket.close()
      resolve(performance.now() - began)
    })
    ask()
  })
}

const sender = createSocket(family)
let [sent, longestMs] = [0, 0]
for (let at = 0; at < packets.length; sent += 1) {
  const end = at + 2 + packets.readUInt16BE(at)
  sender.send(packets.subarray(at + 2, end), Number(port), address)
  at = end
  if (sent % 50 === 49) longestMs = Math.max(longestMs, await answered())
}
sender.close()
process.stdout.write(JSON.stringify({ sent, longestMs: Math.round(longestMs) }))
