#!/usr/bin/env node
import { pathToFileURL } from 'node:url'
import { ensureBuilt } from '../scripts/build.mjs'

const bundle = await ensureBuilt()
await import(pathToFileURL(bundle).href)
