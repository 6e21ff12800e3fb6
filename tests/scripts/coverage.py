#!/usr/bin/env python3
"""Writes docs/rfc-coverage.md: requirement -> code -> script, and the paragraphs that the scripts hold.

Usage: coverage.py [--check]

Requirements come from requirements.txt, code lines from citations such as `RFC 9293 §3.8.6` under src/, scripts from their
first lines. --check writes nothing: it fails when a requirement has neither script nor test nor a reason, or when the test or
the entry of docs/deviations.md that it names does not exist.
"""

import collections
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / 'tests' / 'scripts'
CITATION = re.compile(r'RFC (\d+) §([A-Z]?[\d.]*\d)')
REQUIREMENT = re.compile(r'\b(?:MUST|SHLD|MAY|REC)-\d+\b')
# What shows where another file says more.
LINES_MAX = 4
SCRIPTS_MAX = 6


def requirements():
    """[(id, section, words, note)]"""
    rows = []
    for line in (SCRIPTS / 'requirements.txt').read_text(encoding='utf-8').splitlines():
        if line and not line.startswith('#'):
            number, section, words, note = ([part.strip() for part in line.split('|')] + [''])[:4]
            rows.append((number, section, words, note))
    return rows


def scripts():
    """{path: first line} of every script that has to pass."""
    lines = {}
    for path in sorted(SCRIPTS.rglob('*.pkt')):
        if 'must_fail' not in path.parts:
            lines[path] = path.read_text(encoding='utf-8').split('\n', 1)[0]
    return lines


def scripts_of(lines):
    """{requirement: [path]}: by the first line, or by the name of the file."""
    found = collections.defaultdict(list)
    for path, line in lines.items():
        for number in sorted(set(REQUIREMENT.findall(line) + REQUIREMENT.findall(path.stem)[:1])):
            found[number].append(path)
    return found


def code_lines():
    """([(file, line number, 'RFC n §s', requirements named there)])"""
    found = []
    for path in sorted((ROOT / 'src').rglob('*.[ch]pp')):
        if path.stem.endswith('_test') or path.stem.startswith('test_'):
            continue
        for number, line in enumerate(path.read_text(encoding='utf-8').splitlines(), 1):
            for rfc, section in CITATION.findall(line):
                found.append((path.relative_to(ROOT), number, (rfc, section), REQUIREMENT.findall(line)))
    return found


def code_of(requirement, section, lines):
    """Lines that name the requirement, else those that cite its section."""
    named = [(file, number) for file, number, _, names in lines if requirement in names]
    return named or [(file, number) for file, number, cited, _ in lines if cited == ('9293', section)]


def links(items, most, text, target):
    shown = [f'[{text(item)}](../{target(item)})' for item in items[:most]]
    if len(items) > most:
        shown.append(f'{len(items) - most} more')
    return ', '.join(shown)


def code_links(items):
    return links(items, LINES_MAX, lambda i: f'{i[0].stem}{i[0].suffix}:{i[1]}', lambda i: f'{i[0].as_posix()}#L{i[1]}')


def script_links(items):
    return links(items, SCRIPTS_MAX, lambda i: i.stem, lambda i: i.relative_to(ROOT).as_posix())


def held_by(found, note):
    """The last column, and whether something holds the requirement."""
    if found:
        return script_links(found), True
    if note == 'judge':
        return 'every script: the judge refuses a packet that breaks it', True
    if note.startswith('test: '):
        file, name = note[len('test: '):].split(' ', 1)
        return f'[{name}](../{file})', True
    if note.startswith('hole: '):
        return f'**hole:** {note[len("hole: "):]}', False
    if note.startswith('deviation: '):
        entry = note[len('deviation: '):]
        return f'**deviation:** [{entry}](deviations.md#{entry})', True
    if note.startswith('choice: '):
        return note[len('choice: '):], True
    return '**hole**', False  # --check does not let this pass


def is_broken(found, note):
    """Nothing holds it and nothing says why, or the test that is named is not there."""
    if note.startswith('test: '):
        file, name = note[len('test: '):].split(' ', 1)
        path = ROOT / file
        return not path.is_file() or name not in path.read_text(encoding='utf-8')
    if note.startswith('deviation: '):
        return f'## {note[len("deviation: "):]}\n' not in (ROOT / 'docs' / 'deviations.md').read_text(encoding='utf-8')
    return not found and not note


def requirement_table(rows, by_requirement, lines):
    out = ['| Requirement | § | What | Code | Held by |', '|---|---|---|---|---|']
    for number, section, words, note in rows:
        text, _ = held_by(by_requirement[number], note)
        out.append(f'| {number} | {section} | {words} | {code_links(code_of(number, section, lines))} | {text} |')
    return out


def paragraph_table(first_lines):
    """RFC and section -> how many scripts, one of them."""
    by_paragraph = collections.defaultdict(list)
    for path, line in first_lines.items():
        for rfc, section in CITATION.findall(line)[:1]:
            by_paragraph[(int(rfc), section)].append(path)
    out = ['| Paragraph | Scripts | Among them |', '|---|---|---|']

    def order(key):
        return key[0], [int(part) if part.isdigit() else 99 for part in key[1].split('.')]

    for rfc, section in sorted(by_paragraph, key=order):
        paths = by_paragraph[(rfc, section)]
        out.append(f'| RFC {rfc} §{section} | {len(paths)} | {links(paths, 3, name_of, lambda i: i.relative_to(ROOT).as_posix())} |')
    return out


def name_of(path):
    return '/'.join(path.with_suffix('').relative_to(SCRIPTS).parts[1:])


def document(rows, first_lines, by_requirement, lines):
    held = sum(1 for number, _, _, note in rows if held_by(by_requirement[number], note)[1])
    deviations = sum(1 for _, _, _, note in rows if note.startswith('deviation: '))
    out = [
        '# What holds which requirement', '',
        'Generated by `./run coverage` (tests/scripts/coverage.py) from tests/scripts/requirements.txt, the citations in src/ and '
        'the first lines of the scripts. Do not edit.', '',
        f'{len(first_lines)} scripts. Of the {len(rows)} requirements of RFC 9293, Appendix B, {held - deviations} are held; {deviations} '
        f'are not on purpose, {len(rows) - held} are holes, each with its reason.', '',
        '## Requirements of RFC 9293, Appendix B', '',
        *requirement_table(rows, by_requirement, lines), '',
        '## Paragraphs that scripts hold', '',
        *paragraph_table(first_lines),
    ]
    return '\n'.join(out) + '\n'


def main():
    rows = requirements()
    first_lines = scripts()
    by_requirement = scripts_of(first_lines)
    broken = [number for number, _, _, note in rows if is_broken(by_requirement[number], note)]
    unknown = sorted(set(by_requirement) - {row[0] for row in rows})
    for number in broken:
        print(f'{number}: no script, no test, no reason', file=sys.stderr)
    for number in unknown:
        print(f'{number}: cited by a script, but not in requirements.txt', file=sys.stderr)
    if '--check' not in sys.argv[1:]:
        path = ROOT / 'docs' / 'rfc-coverage.md'
        path.write_text(document(rows, first_lines, by_requirement, code_lines()), encoding='utf-8')
    return 1 if broken or unknown else 0


if __name__ == '__main__':
    sys.exit(main())
