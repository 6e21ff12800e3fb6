#!/usr/bin/env bash
# Runs the benchmark programs of a build folder one after the other: `run_all.sh BUILD_FOLDER [NAME]`. NAME: only those whose name
# contains it. A full run also writes docs/benchmarks.md, so that a table never stands there without the machine it came from.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
folder=$1 name=${2:-} tables=

describe_machine() {
  local compiler dirty=
  compiler=$(sed -n 's/^CMAKE_CXX_COMPILER:[A-Z]*=//p' "$folder/../CMakeCache.txt")
  git -C "$root" diff --quiet HEAD -- include src bench || dirty=' with changes'
  cat <<MACHINE
| | |
|---|---|
| machine | $(sed -n 's/^model name\s*: //p' /proc/cpuinfo | head -n 1), $(nproc) cores |
| kernel | $(uname -sr) |
| compiler | $("$compiler" --version | head -n 1), preset \`bench\`: -O3 and link-time optimisation |
| commit | $(git -C "$root" rev-parse --short HEAD)$dirty |
| command | \`./run bench\` |
| load average at the beginning | $(cut -d ' ' -f 1 /proc/loadavg) |
MACHINE
}

write_page() {
  cat <<PAGE
# Benchmarks

Written by \`./run bench\`. Every figure is the median of runs that were interleaved with those of its peers (A B C, A B C, ...)
in the same minutes on the same machine, so read the ratios: absolute figures move with the machine and with what else it
does. Payload is compared byte by byte at every receiver, also Linux's. CPU seconds count both ends. Linux uses cubic.

$1

$2
## What is measured

- **In memory**: two stacks of one thread, joined by a cable that hands over packets. The sender's side cuts super-segments
  into frames and computes every checksum, the receiver verifies it. Blocks are 4 KiB here and buffers 256 KiB, what a
  core's own cache holds; with the defaults (2 KiB, 1 MiB) a transfer costs about a quarter more. The two "only" rows are
  what no stack can save.
- **TAP**: one process with a stack, one process on the kernel's sockets, MTU 1500. Both sides exchange super-segments, as
  Linux does with itself over veth. "Without offload" is Linux with segmentation, receive merging and checksum offload off.
- **Connections**: connect, one byte each way, FIN from both ends, 64 client addresses. Time is virtual, so that records
  enter and leave TIME-WAIT at the pace that keeps their number; none is reused early.
- **Memory**: what the process grows by over 100,000 connections, divided by both ends; handles included, queues empty.
PAGE
}

machine=$(describe_machine)
for program in "$folder"/*; do
  [[ -f $program && -x $program && ${program##*/} == *"$name"* ]] || continue
  table=$("$program") || { echo "bench: ${program##*/} failed" >&2; exit 1; }
  echo "$table"
  echo
  tables+=$table$'\n\n'
done
[[ -n $tables ]] || { echo "bench: no benchmark is named like '$name'" >&2; exit 1; }
[[ -n $name ]] || write_page "$machine" "${tables%$'\n'}" >"$root/docs/benchmarks.md"
