#!/bin/sh
# Runs once, as PostgreSQL's superuser, when a database cluster is new: the platform gets a role that owns its database and
# nothing else, and the one extension that it needs.
set -eu
psql --set ON_ERROR_STOP=1 --quiet --username "${POSTGRES_USER:-postgres}" --dbname postgres <<'END'
\set password `cat "$AUDIONESE_PASSWORD_FILE"`
CREATE ROLE audionese LOGIN PASSWORD :'password';
CREATE DATABASE audionese OWNER audionese;
REVOKE CONNECT ON DATABASE audionese FROM PUBLIC;
\connect audionese
CREATE EXTENSION vector;
END
