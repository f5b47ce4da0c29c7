// node exchange.mjs FROM PORT TO HEX: sends datagrams (HEX may be several, with commas) from an
// address and port of this host to port 67, or 547 of IPv6, and prints the answers in hexadecimal.
import { createSocket } from 'node:dgram'
import { setTimeout as sleep } from 'node:timers/promises'

const [from, port, to, hex] = process.argv.slice(2)
const six = to.includes(':')
const socket = createSocket({ type: six ? 'udp6' : 'udp4', reuseAddr: true })
const answers = []
socket.on('message', (bytes) => answers.push(bytes.toString('hex')))
await new Promise((resolve) => socket.bind(Number(port), from, resolve))
socket.setBroadcast(true)
for (const packet of hex.split(',')) {
  await new Promise((resolve, reject) => {
    const done = (error) => (error ? reject(error) : resolve())
    socket.send(Buffer.from(packet, 'hex'), six ? 547 : 67, to, done)
  })
  await sleep(30)
}
await sleep(1500)
socket.close()
process.stdout.write(JSON.stringify(answers))
