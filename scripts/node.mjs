/**
 * Runs a script of this folder with a Node.js that is new enough: `node scripts/node.mjs test.mjs unit`. Without a
 * script it only makes sure that there is one. No script may import this file, because it is still being evaluated
 * while they run; what they share is in node-version.mjs.
 */
import { fileURLToPath, pathToFileURL } from 'node:url'
import { ensureNode, runWith } from './node-version.mjs'

const [name, ...args] = process.argv.slice(2)
const node = ensureNode()
if (name) {
  const script = fileURLToPath(new URL(name, import.meta.url))
  if (node === process.execPath) {
    process.argv = [process.argv[0], script, ...args]
    await import(pathToFileURL(script).href)
  } else runWith(node, script, args)
}
