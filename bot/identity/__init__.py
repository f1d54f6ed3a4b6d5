"""Who is signed in: local accounts and OIDC, sessions, linked channels, the audit log."""
