"""Names of the files of secrets that the local stack keeps. Apart from the settings, which take long to import: what
starts each program needs these names alone."""

from __future__ import annotations

SECRETS = "secrets"  # the folder below the home
API_SECRET_FILE, ACCOUNTS_SMTP_FILE, STORM_UI_FILE = "api-signing", "accounts-smtp", "storm-ui"
AUTHORITY_FILE = "tls-authority.pem"
