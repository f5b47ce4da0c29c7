import { exitCodeHelp } from './exit-codes.js'

export const help = `Usage: ferric COMMAND [OPTION]...

Commands:
  serve       run everything in this process
  api         run the API only
  conductor   run a conductor only
  boot        answer DHCP, TFTP and HTTP of machines that boot, only
  migrate     bring the database up to this version, then stop
  config      print the effective configuration and where each value came from
  doctor      check the database, the queue, the ports and the state directory
  policy      list: print the rules in force and where each came from
              check RULE: whether a caller may, and why; exit code 1 when not
  bmc         probe NODE: ask the node's BMC what it is and what it can do; changes nothing
              sel NODE: list the BMC's event log (IPMI), the oldest first
  backup      FILE: write everything the database holds to a file, while others work
  restore     FILE: put the content of a backup into a database without nodes
  import-pglite
              move the embedded database of Ferric 0.1 into today's

Options:
  --config-file FILE        read this ironic.conf; repeat it for more, later ones win. Without it
                            ~/.ironic/ironic.conf, ~/ironic.conf, /etc/ironic/ironic.conf or
                            /etc/ironic.conf is read, the first that exists
  --config-dir DIRECTORY    read its *.conf files, in the order of their names; may be repeated
  --set GROUP.OPTION=VALUE  set one option, over the files and OS_<GROUP>__<OPTION> variables;
                            an option without a group is in [DEFAULT]; may be repeated
  --role ROLE, --project ID, --system, --user NAME, --target KEY=VALUE
                            policy check: the caller's roles (repeat) and scope, or the user of the
                            principals file; what it is about: node.owner=ID (repeat)
  --json                    bmc: print JSON
  --clear                   bmc sel: empty the log after it was listed
  -h, --help                print this
  --version                 print the version

Signals:
  SIGTERM, SIGINT  finish running work ([conductor] graceful_shutdown_timeout), then stop
  SIGUSR2          the same with the deadline of [DEFAULT] drain_shutdown_timeout
  SIGHUP           read the configuration again (from a terminal: stop); the log names what
                   needs a restart
  A second signal stops at once.

${exitCodeHelp}
`
