/** What the process exits with; `ferric --help` prints this table. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  configuration: 3,
} as const

export const exitCodeHelp = `Exit codes:
  0  done; a server stopped cleanly
  1  something failed: a database that cannot be opened, a check of doctor, a shutdown that
     ran into its deadline, an error that no code handled (a server logs it as fatal and shuts down)
  2  the command line is wrong
  3  the configuration is wrong; every problem is listed`
