"""Runs `openstack` commands one after another in this process: JSON lines in ({"argv": []}), JSON lines out.

A process of its own costs a second and a half of start-up per command; the shell's entry point is the same.
"""
import contextlib
import io
import json
import logging
import sys
import traceback

from ironicclient.v1 import utils as provisioning
from openstackclient import shell

# `--wait` looks every two or ten seconds; looking more often changes nothing but the time a walk takes.
for action in filter(None, provisioning.PROVISION_ACTIONS.values()):
    action['poll_interval'] = 0.2


def run(argv):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = shell.main(argv)
        except SystemExit as end:
            code = end.code
        except BaseException:
            traceback.print_exc()
            code = 70
    # Handlers of this run hold its stderr; the next run adds its own.
    logging.getLogger('').handlers.clear()
    return {'code': code or 0, 'stdout': out.getvalue(), 'stderr': err.getvalue()}


def main():
    sys.argv[0] = 'openstack'
    real = sys.stdout
    for line in sys.stdin:
        real.write(json.dumps(run(json.loads(line)['argv'])) + '\n')
        real.flush()


main()
