#!/bin/sh
# Becomes a program of the stack; /tmp/ready is there once it is ready, and what has to be done after its start is done.
# Other words are a command of `riverline stack` that is done once.
set -eu
cd /srv/riverline
stack=".venv/bin/riverline stack"
rm -f /tmp/ready
[ "$1" = run ] || exec $stack "$@"
$stack install
(MAINPID=$$ $stack wait "$2" --within 900 && touch /tmp/ready) &
exec $stack run "$2"
