# Runs a program and waits for every process that it leaves behind. libvirtd starts QEMU as a daemon to ask what it can, and
# believes that it is gone only when somebody has waited for it; the first process of the rack's namespace does not.
# Usage: reaper.py PROGRAM [ARGUMENT]...
import ctypes
import os
import sys

PR_SET_CHILD_SUBREAPER = 36

ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
program = os.spawnvp(os.P_NOWAIT, sys.argv[1], sys.argv[1:])
while True:
    ended, status = os.wait()
    if ended == program:
        sys.exit(os.waitstatus_to_exitcode(status))
