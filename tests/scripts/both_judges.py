#!/usr/bin/env python3
"""Plays scripts twice, by `strata drill` and by the original packetdrill with libstrata_packetdrill.so, and names those
on which the two judges do not agree. For development: packetdrill is not part of this project.

The original runs no command of a script here (they would change this machine); the plug-in reads those at the top
itself. Nor does it run code (`%{ }%`), which looks at a kernel's socket: calls and packets are what is compared.
Exit status: 0 the judges agree, 1 they do not.
"""

import argparse
import json
import pathlib
import re
import subprocess
import sys
import tempfile

# Comments and texts stay; commands, and code that asks for the tcp_info of a kernel's socket, are the only group.
TOKENS = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|(`[^`]*`|%\{.*?\}%)', re.S)
PLUGIN_REFUSES = "libstrata_packetdrill: --so_flags:"
SECONDS_MAX = 20


def without_commands_and_code(text):
    return TOKENS.sub(lambda m: m[0] if m[1] is None else "`true`", text)


def our_verdicts(options, files):
    command = [options.strata, "drill", "--json", "--keep-going", "--profile", options.profile]
    lines = subprocess.run(command + files, stdout=subprocess.PIPE, text=True).stdout.splitlines()
    verdicts = {}
    for line in lines:
        result = json.loads(line)
        if "file" in result:
            verdicts[result["file"]] = (result["result"], f"{result['line']}: {result['what']}")
    return verdicts


def original_verdict(options, file, folder):
    copy = pathlib.Path(folder, pathlib.Path(file).name)
    copy.write_text(without_commands_and_code(pathlib.Path(file).read_text()))
    command = [options.packetdrill, f"--so_filename={pathlib.Path(options.plugin).resolve()}",
               f"--so_flags=profile={options.profile},script={file}", str(copy)]
    try:
        run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                             timeout=SECONDS_MAX)
    except subprocess.TimeoutExpired:
        return "failed", "the original hangs"
    said = run.stdout.strip().replace(str(copy), "")
    if PLUGIN_REFUSES in said:
        return "unsupported", said
    return ("passed" if run.returncode == 0 else "failed"), said


def scripts(paths):
    for path in map(pathlib.Path, paths):
        yield from sorted(map(str, path.rglob("*.pkt"))) if path.is_dir() else [str(path)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--packetdrill", required=True, help="the original")
    parser.add_argument("--plugin", default="build/release/sim/packetdrill/libstrata_packetdrill.so")
    parser.add_argument("--strata", default="build/release/tools/strata")
    parser.add_argument("--profile", default="linux", choices=["linux", "freebsd"])
    parser.add_argument("paths", nargs="+", metavar="PATH")
    options = parser.parse_args()
    files = list(scripts(options.paths))
    ours = our_verdicts(options, files)
    tally = {}
    with tempfile.TemporaryDirectory() as folder:
        for file in files:
            our, why = ours[file]
            theirs, said = original_verdict(options, file, folder)
            tally[our, theirs] = tally.get((our, theirs), 0) + 1
            if our != theirs:
                print(f"{file}\n  strata drill: {our} {why if our != 'passed' else ''}\n  packetdrill: {theirs} "
                      + said.replace("\n", "\n    "))
    for (our, theirs), count in sorted(tally.items()):
        print(f"{count:5}  strata drill: {our}, packetdrill: {theirs}")
    return 0 if all(our == theirs for our, theirs in tally) else 1


if __name__ == "__main__":
    sys.exit(main())
