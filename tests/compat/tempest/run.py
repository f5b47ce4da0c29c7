"""Runs test modules of a tempest plugin: python run.py OUT MODULE..., with TEMPEST_CONFIG set."""

import pathlib
import runpy

from oslo_config import cfg
from tempest.test_discover import plugins

# The runner of `tempest run` does this before it looks for tests.
plugins.TempestTestPluginManager().register_plugin_opts(cfg.CONF)

util = pathlib.Path(__file__).resolve().parents[2] / '_util' / 'peers'
runpy.run_path(str(util / 'run_unittest.py'), run_name='__main__')
