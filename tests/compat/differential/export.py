"""Writes the scenarios of areas/ to the file that is named, with the recorder's DSL (PYTHONPATH says where it is)."""

import importlib
import os
import sys

from lib import dsl, store

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, here)
for name in sorted(os.listdir(os.path.join(here, 'areas'))):
    if name.endswith('.py') and name != '__init__.py':
        importlib.import_module('areas.' + name[:-3])
store.save(sys.argv[1], {'scenarios': [s.data() for s in dsl.SCENARIOS]})
print('%d scenarios' % len(dsl.SCENARIOS))
