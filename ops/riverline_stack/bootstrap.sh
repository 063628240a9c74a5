#!/bin/sh
# Makes a fresh Debian or Ubuntu able to run the command `riverline`: missing packages, then the virtualenv `.venv`.
# It asks nothing, can be run again at any time, and does only what is missing. Needs root or sudo for the packages.
# `packages` stops after these; `bytecode` compiles what another account is to run, which could not keep it.
set -eu
cd "$(dirname "$0")/../.."

export UV_SYSTEM_CERTS=true # as pip, apt and Maven: the certificates that this system trusts
log=${RIVERLINE_HOME:-.riverline}/logs/bootstrap.log
mkdir -p "$(dirname "$log")"
: >"$log"

say() { printf '%s\n' "$*"; }

fail() {
    say "$1" >&2
    exit 1
}

# Runs a command with its output in the log; shows the log's end when it fails.
step() {
    what=$1
    shift
    say "$what"
    printf '$ %s\n' "$*" >>"$log"
    "$@" >>"$log" 2>&1 || {
        tail -n 25 "$log" >&2
        fail "That failed; the full output is in $log"
    }
}

# --- packages ---------------------------------------------------------------------------------------------------------

listed() { sed -e 's/#.*//' -e '/^ *$/d' ops/riverline_stack/packages.txt; }

installed() { [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

missing_packages() { listed | while read -r package _; do installed "$package" || printf '%s ' "$package"; done; }

require_programs() {
    listed | while read -r package program _; do
        [ "$program" = - ] || command -v "$program" >/dev/null || PATH=$PATH:/usr/sbin:/sbin command -v "$program" >/dev/null ||
            fail "$program is missing (on Debian it is in the package $package), and this system has no dpkg to install it with."
    done
}

policy=/usr/sbin/policy-rc.d

# Debian starts a server as soon as it is installed, unless policy-rc.d answers 101. The stack starts its own.
forbid_starts() {
    [ ! -e $policy ] || $sudo mv $policy $policy.riverline-kept
    printf '#!/bin/sh\nexit 101\n' | $sudo tee $policy >/dev/null
    $sudo chmod 755 $policy
}

allow_starts() {
    $sudo rm -f $policy
    [ ! -e $policy.riverline-kept ] || $sudo mv $policy.riverline-kept $policy
}

install_packages() {
    missing=$(missing_packages)
    [ -n "$missing" ] || return 0
    sudo=
    [ "$(id -u)" = 0 ] || sudo=sudo
    [ -z "$sudo" ] || sudo -n true 2>/dev/null ||
        fail "Packages are missing, and sudo would ask for a password. Run this, then repeat your command: sudo apt-get install -y $missing"
    trap allow_starts EXIT
    trap 'exit 130' INT TERM
    forbid_starts
    step "Reading the package lists" $sudo apt-get -q -o DPkg::Lock::Timeout=300 update
    # shellcheck disable=SC2086 # a list of names
    step "Installing $missing" $sudo env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 \
        install --no-install-recommends $missing
    allow_starts
    trap - EXIT INT TERM
    [ ! -d /run/systemd/system ] || for service in redis-server nginx; do
        case " $missing " in *" $service"*) step "Leaving the system's own $service off" $sudo systemctl disable --now $service ;; esac
    done
}

# For some tests alone, which are skipped without it: no failure here is one of the set-up.
install_for_tests() {
    sudo=
    [ "$(id -u)" = 0 ] || sudo="sudo -n"
    command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null ||
        optional "tests of the pages in a browser" chromium fonts-nanum
    PATH=$PATH:/usr/sbin command -v sshd >/dev/null || optional "tests of a deployment over SSH" openssh-server
}

# Installs packages; says what is skipped where that cannot be. Their servers stay off.
optional() {
    tests=$1
    shift
    if apt-cache policy "$1" 2>/dev/null | grep -q 'Candidate: [0-9]' && $sudo true 2>/dev/null; then
        say "Installing $*, for the $tests"
        trap allow_starts EXIT
        forbid_starts
        done=yes
        $sudo env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 \
            install --no-install-recommends "$@" >>"$log" 2>&1 || done=
        allow_starts
        trap - EXIT
        [ "$1" != openssh-server ] || [ ! -d /run/systemd/system ] ||
            $sudo systemctl disable --now ssh >>"$log" 2>&1 || true
        [ -z "$done" ] || return 0
    fi
    say "$1 could not be installed: the $tests will be skipped."
}

# --- the virtualenv ---------------------------------------------------------------------------------------------------

suitable() {
    "$1" -c 'import sys, ensurepip, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 12))' 2>/dev/null
}

python() {
    for candidate in python3.11 python3.12 python3 /usr/bin/python3.11 /usr/bin/python3.12 /usr/bin/python3; do
        if suitable "$candidate"; then
            command -v "$candidate"
            return
        fi
    done
    fail "Python 3.11 or 3.12 with its venv module is needed; this system has $(python3 --version 2>&1)."
}

# The lines of one package of the lock: its version and its hashes.
locked() { awk -v name="$1==" 'index($0, name) == 1 { found = 1; print; next } found && /^[^ ]/ { exit } found' requirements.lock; }

make_environment() {
    stamp=.venv/.installed
    wanted=$(cat requirements.lock pyproject.toml | sha256sum)
    if [ -x .venv/bin/python ] && [ "$(cat $stamp 2>/dev/null)" = "$wanted" ]; then
        return
    fi
    interpreter=$(python)
    [ -x .venv/bin/python ] || step "Making the virtualenv .venv with $interpreter" "$interpreter" -m venv .venv
    if ! .venv/bin/uv --version >/dev/null 2>&1; then
        locked uv >.venv/uv.txt
        step "Installing uv" .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r .venv/uv.txt
    fi
    step "Installing the locked Python packages" .venv/bin/uv pip sync --python .venv/bin/python --require-hashes requirements.lock
    step "Installing riverline" .venv/bin/uv pip install --python .venv/bin/python --no-deps --no-build-isolation -e .
    printf '%s\n' "$wanted" >$stamp
}

# What search by meaning takes (RIVERLINE_SEARCH__SEMANTIC=on): a runtime and two models, 243 MB to fetch.
is_semantic() { case $(printf %s "${RIVERLINE_SEARCH__SEMANTIC:-off}" | tr 'A-Z' 'a-z') in on | 1 | true | yes | t | y) ;; *) false ;; esac; }

has_semantic() { [ "$(cat .venv/.semantic 2>/dev/null)" = "$(cat .venv/.installed requirements-semantic.lock | sha256sum)" ]; }

install_semantic() {
    .venv/bin/uv pip install --quiet --python .venv/bin/python --require-hashes -r requirements-semantic.lock &&
        cat .venv/.installed requirements-semantic.lock | sha256sum >.venv/.semantic
}

if [ "${1:-}" = tests ]; then
    install_for_tests
    has_semantic || install_semantic >>"$log" 2>&1 ||
        say "The packages of semantic search could not be installed: the tests of its model will be skipped."
    exit 0
fi
if [ "${1:-}" = bytecode ]; then
    .venv/bin/python -m compileall -q -j 0 .venv/lib src api crawler programs ops demo >>"$log" 2>&1 ||
        [ $? = 1 ] || fail "The byte code was not made; see $log" # 1: packages have templates that are no Python
    exit 0
fi
if command -v dpkg-query >/dev/null; then
    install_packages
else
    require_programs
fi
[ "${1:-}" != packages ] || exit 0
make_environment
! is_semantic || has_semantic || step "Installing the packages of semantic search" install_semantic
