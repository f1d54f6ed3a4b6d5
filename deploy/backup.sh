#!/usr/bin/env bash
# A copy of what cannot be built again, taken while the assistant runs, into a folder named after the
# time: catalogue (with rules, added names), conversations (with accounts and channels), token secret.
# The engine's trackers live half an hour and are left out.
#   BACKUP_FOLDER  where to; wanted
#   BACKUP_DAYS    how long copies are kept (7); erased conversations live as long in them
# The databases are those of the assistant's own settings.
set -euo pipefail
umask 077
here=$(cd "$(dirname "$0")" && pwd)
folder=${BACKUP_FOLDER:?names the folder for backups}
catalogue=${ASSISTANT_DATABASE_URL:-sqlite:///var/assistant.db}
conversations=${ASSISTANT_CONVERSATIONS_URL:-sqlite:///var/conversations.db}
secret=${ASSISTANT_VAR_DIR:-var}/token-secret

name=$(date --utc +%Y%m%dT%H%M%SZ)
partial=$folder/.$name.partial
mkdir -p "$partial"
trap 'rm -rf "$partial"' EXIT

DATABASE_URL=$catalogue "${PYTHON:-python3}" "$here/database.py" copy "$partial/catalogue"
if [ "$conversations" != "$catalogue" ]; then
    DATABASE_URL=$conversations "${PYTHON:-python3}" "$here/database.py" copy "$partial/conversations"
fi
if [ -f "$secret" ]; then
    cp "$secret" "$partial/token-secret"
fi
(cd "$partial" && sha256sum -- * >SHA256SUMS)
sync "$partial"/*
mv "$partial" "$folder/$name"
find "$folder" -mindepth 1 -maxdepth 1 -type d -name '*T*Z' -mtime "+$((${BACKUP_DAYS:-7} - 1))" \
    -exec rm -rf {} +
echo "$folder/$name"
