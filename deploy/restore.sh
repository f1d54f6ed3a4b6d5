#!/usr/bin/env bash
# restore.sh FOLDER [--replace]: makes the databases of the assistant's settings what a backup holds.
# Stop the assistant first. Without --replace nothing that is there is touched.
# Afterwards: `assistant index`, `assistant purge`, start.
set -euo pipefail
umask 077
here=$(cd "$(dirname "$0")" && pwd)
folder=${1:?names the folder of a backup}
replace=${2:-}
catalogue=${ASSISTANT_DATABASE_URL:-sqlite:///var/assistant.db}
conversations=${ASSISTANT_CONVERSATIONS_URL:-sqlite:///var/conversations.db}
var=${ASSISTANT_VAR_DIR:-var}

if ! (cd "$folder" && sha256sum --quiet --check SHA256SUMS) >&2; then
    echo "error: $folder is damaged; nothing was restored" >&2
    exit 1
fi
if [ -f "$folder/conversations" ] && [ "$conversations" = "$catalogue" ]; then
    echo "error: $folder holds two databases, the settings name one" >&2
    exit 1
fi
DATABASE_URL=$catalogue "${PYTHON:-python3}" "$here/database.py" put "$folder/catalogue" ${replace:+"$replace"}
if [ -f "$folder/conversations" ]; then
    DATABASE_URL=$conversations "${PYTHON:-python3}" "$here/database.py" \
        put "$folder/conversations" ${replace:+"$replace"}
fi
if [ -f "$folder/token-secret" ]; then
    mkdir -p "$var"
    if [ -n "$replace" ] || [ ! -e "$var/token-secret" ]; then
        cp "$folder/token-secret" "$var/token-secret"
    fi
fi
echo "restored from $folder"
