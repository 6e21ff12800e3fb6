#!/bin/sh
# Checks the model in DIRECTORY (its own by default) with spin: end states and assertions, then that nothing goes on
# for ever, with and without crashes and losses. Usage: check.sh [MODEL]
set -eu
model=$(realpath "${1:-$(dirname "$0")/open_close.pml}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
# shellcheck disable=SC2086  # lists of options
check() { # preprocessor options, compiler options, run options
  spin $1 -a "$model" >spin.log
  ${CC:-cc} -O1 -w -DVECTORSZ=2048 $2 -o pan pan.c
  ./pan -m200000 -w22 $3 >pan.log
  if ! grep -q 'errors: 0' pan.log || grep -q 'too small' pan.log; then
    cat pan.log
    echo "FAILED with $1 $2"
    exit 1
  fi
  echo "$1 $2: $(awk '/states, stored/ { print $1 }' pan.log) states, no error"
}
check "-DLOSSES=0 -DDUPLICATES=0 -DCRASHES=0" -DSAFETY ""
check "-DLOSSES=2 -DDUPLICATES=1 -DCRASHES=1" -DSAFETY ""
check "-DLOSSES=1 -DDUPLICATES=1 -DCRASHES=1" -DNP -l
