#!/bin/sh
# Run once by the PostgreSQL image (here and in compose.yml) on an empty data folder: the engine gets a
# role and a database of its own and cannot open the app's. Wants ENGINE_DATABASE_PASSWORD.
set -eu
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
    --set password="$ENGINE_DATABASE_PASSWORD" --set app="$POSTGRES_DB" <<'SQL'
CREATE ROLE engine LOGIN PASSWORD :'password';
CREATE DATABASE trackers OWNER engine;
REVOKE CONNECT ON DATABASE trackers FROM PUBLIC;
REVOKE CONNECT ON DATABASE :"app" FROM PUBLIC;
SQL
