#!/usr/bin/env python3
"""Writes tests/scripts/rfc9293/table: one script for each state, each event and each place in the window.

Usage: make_table.py [--check]

--check writes nothing: it fails when the folder does not hold exactly these scripts.

What a script expects is worked out here, by walking the checks of RFC 9293 §3.10.7 in their order over a few numbers. It
is never taken from a run: where the stack and a script disagree, one of them has read the RFC wrongly.

  table_states.py    segments, the states and the way into each
  table_checks.py    the checks: what has to follow
  table_scripts.py   the cases, and the lines of their scripts
"""

import pathlib
import shutil
import sys

sys.dont_write_bytecode = True  # this folder is for scripts

from table_scripts import all_scripts


def table():
    """{path below the table: text of the script}"""
    return {pathlib.PurePath(folder, f'{name}.pkt'): '\n'.join([f'// {first_line}', '', *lines]) + '\n'
            for folder, name, first_line, lines in all_scripts()}


def write(root, files):
    shutil.rmtree(root, ignore_errors=True)
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding='utf-8')
    print(f'{len(files)} scripts in {root}')


def differences(root, files):
    there = {path.relative_to(root): path.read_text(encoding='utf-8') for path in root.rglob('*.pkt')}
    return sorted(str(path) for path in there.keys() | files.keys() if there.get(path) != files.get(path))


def main():
    root = pathlib.Path(__file__).resolve().parent / 'rfc9293' / 'table'
    files = table()
    if '--check' not in sys.argv[1:]:
        write(root, files)
        return 0
    differing = differences(root, files)
    for path in differing:
        print(f'{path}: not as make_table.py writes it', file=sys.stderr)
    return 1 if differing else 0


if __name__ == '__main__':
    sys.exit(main())
