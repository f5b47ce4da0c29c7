import { main } from './cli/main.js'

/** Sets the exit code and lets the process end by itself, so that output is flushed. */
process.exitCode = await main(process.argv.slice(2), process.env, {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
})
