#!/bin/sh
# The accounts and the database, as ops/riverline_stack/servers/mysql.py makes them; run once, by the image, on an empty data folder.
mariadb --user=root --password="$MARIADB_ROOT_PASSWORD" <<SQL
SET SESSION sql_log_bin = 0;
CREATE DATABASE IF NOT EXISTS riverline CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
CREATE USER 'riverline'@'127.0.0.1' IDENTIFIED BY '$APPLICATION_PASSWORD';
GRANT SELECT, INSERT, UPDATE, DELETE ON riverline.* TO 'riverline'@'127.0.0.1';
CREATE USER 'riverline_admin'@'127.0.0.1' IDENTIFIED BY '$ADMIN_PASSWORD';
GRANT ALL PRIVILEGES ON *.* TO 'riverline_admin'@'127.0.0.1';
SQL
