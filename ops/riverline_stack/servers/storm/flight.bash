#!/bin/sh
# The supervisor runs `flight.bash PID kill` when one worker is to start again, as with the program of Storm's
# distribution. That one also records profiles of the virtual machine, which this one does not.
[ "${2:-}" = kill ] || { echo "only kill is known here, not: ${2:-}" >&2; exit 1; }
exec kill "$1"
