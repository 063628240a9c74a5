#!/bin/sh
# `riverline` on a host with the units: with the settings of /etc/riverline/riverline.env, under the account of the programs.
set -a
. /etc/riverline/riverline.env
set +a
cd /srv/riverline || exit 1
[ "$(id -un)" = riverline ] || exec runuser -u riverline -- env HOME=/var/lib/riverline .venv/bin/riverline "$@"
exec .venv/bin/riverline "$@"
