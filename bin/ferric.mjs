#!/usr/bin/env node
import { pathToFileURL, fileURLToPath } from 'node:url'
import { ensureNode, runWith } from '../scripts/node-version.mjs'

const node = ensureNode()
if (node === process.execPath) {
  const { ensureBuilt } = await import('../scripts/build.mjs')
  await import(pathToFileURL(await ensureBuilt()).href)
} else runWith(node, fileURLToPath(import.meta.url), process.argv.slice(2))
