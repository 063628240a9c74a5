#!/bin/sh
# Deploys to the hosts of an inventory: `ops/ansible/deploy.sh FOLDER [ANSIBLE-OPTION...]`. Makes what it needs at the first run:
# a virtualenv with Ansible, the inventory's passwords (encrypted, group_vars/all/vault.yml), where it says `tls: true` an authority (tls.yml), and the key to both.
set -eu
inventory=$(cd "$1" && pwd)
shift
cd "$(dirname "$0")"
programs=../../.ansible-venv/bin

[ -x "$programs/ansible-playbook" ] || {
    echo "Making a virtualenv with Ansible" >&2
    python3 -m venv ../../.ansible-venv
    "$programs/pip" install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
}

export ANSIBLE_VAULT_PASSWORD_FILE="${ANSIBLE_VAULT_PASSWORD_FILE:-$inventory/.vault-password}"
vault=$inventory/group_vars/all/vault.yml

word() { "$programs/python" -c 'import secrets; print(secrets.token_urlsafe(24))'; }

if [ ! -e "$ANSIBLE_VAULT_PASSWORD_FILE" ]; then
    [ ! -e "$vault" ] || { echo "$vault is encrypted with a key that is not in $ANSIBLE_VAULT_PASSWORD_FILE" >&2; exit 1; }
    (umask 077 && word >"$ANSIBLE_VAULT_PASSWORD_FILE")
fi
if [ ! -e "$vault" ]; then
    echo "Making passwords in $vault" >&2
    mkdir -p "$(dirname "$vault")"
    {
        echo "secrets:"
        for name in elasticsearch kafka kafka-broker redis redis-admin redis-replica redis-celery \
            mysql-application mysql-admin mysql-replication api-signing storm-ui; do
            echo "  $name: $(word)"
        done
    } | "$programs/ansible-vault" encrypt --output "$vault" 2>/dev/null
fi
authority=$inventory/group_vars/all/tls.yml
if [ ! -e "$authority" ] && grep -Eqs '^ *tls: *true' "$inventory/hosts.yml" "$inventory"/group_vars/*.yml "$inventory"/group_vars/all/*.yml; then
    echo "Making an authority for certificates in $authority" >&2
    PYTHONPATH=../riverline_stack/servers "$programs/python" -c '
import json, certificates
print(json.dumps({"tls_authority": dict(zip(("certificate", "key"), certificates.new_authority()))}))' |
        "$programs/ansible-vault" encrypt --output "$authority" 2>/dev/null
fi
exec "$programs/ansible-playbook" --inventory "$inventory/hosts.yml" deploy.yml "$@"
