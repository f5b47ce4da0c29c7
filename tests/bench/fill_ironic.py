"""Copies a node's row of an Ironic's SQLite database: python fill_ironic.py FILE NAME FROM TO.

The copies have numbers from FROM up to but not TO; tests/bench/fill.ts makes the same ones for Ferric.
"""

import json
import sqlite3
import sys
import uuid

STATES = ('enroll', 'manageable', 'available', 'active')


def copy(row, n):
    return dict(
        row,
        uuid=str(uuid.uuid4()),
        name=f'list-{n}',
        resource_class=f'class-{n % 10}',
        provision_state=STATES[n % 4],
        extra=json.dumps({'rack': n % 40, 'unit': n % 42}),
    )


def main(file, name, begin, end):
    with sqlite3.connect(file, timeout=60) as db:
        db.row_factory = sqlite3.Row
        row = dict(db.execute('select * from nodes where name = ?', (name,)).fetchone())
        del row['id']
        columns = ', '.join(row)
        values = ', '.join(f':{column}' for column in row)
        rows = (copy(row, n) for n in range(int(begin), int(end)))
        db.executemany(f'insert into nodes ({columns}) values ({values})', rows)


main(*sys.argv[1:])
