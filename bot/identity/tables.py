"""The tables of identity, in the conversations' database.

Secrets of people lie in them as hashes (argon2 for passwords, SHA-256 for random tokens and
codes, HMAC for ids of channel users); the seeds of one-time passwords cannot.
"""

import sqlalchemy as sa

from bot.conversations import metadata

officials = sa.Table(
    "officials",
    metadata,
    sa.Column("id", sa.String(16), primary_key=True),
    sa.Column("subject", sa.String(255), nullable=False, unique=True),
    sa.Column("name", sa.String(255), nullable=False),
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("unit", sa.String(64), nullable=False),
    sa.Column("unit_name", sa.String(255), nullable=False),
    sa.Column("password", sa.String(255)),
    sa.Column("totp_secret", sa.String(64)),
    sa.Column("totp_step", sa.Integer, nullable=False, default=0),
    sa.Column("seen_at", sa.DateTime, nullable=False),
)
bad_logins = sa.Table(
    "bad_logins",
    metadata,
    sa.Column("key", sa.String(64), primary_key=True),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("last_at", sa.DateTime, nullable=False),
)
_OFFICIAL = "officials.id"
sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("token", sa.String(64), primary_key=True),
    sa.Column("official", sa.ForeignKey(_OFFICIAL), nullable=False, index=True),
    sa.Column("csrf", sa.String(32), nullable=False),
    sa.Column("created_at", sa.DateTime, nullable=False),
    sa.Column("seen_at", sa.DateTime, nullable=False),
)
link_codes = sa.Table(
    "link_codes",
    metadata,
    sa.Column("code", sa.String(64), primary_key=True),
    sa.Column("official", sa.ForeignKey(_OFFICIAL), nullable=False, index=True),
    sa.Column("expires_at", sa.DateTime, nullable=False),
)
channel_links = sa.Table(
    "channel_links",
    metadata,
    sa.Column("id", sa.String(16), primary_key=True),
    sa.Column("channel", sa.String(16), nullable=False),
    sa.Column("user", sa.String(64), nullable=False),
    sa.Column("official", sa.ForeignKey(_OFFICIAL), nullable=False, index=True),
    sa.Column("linked_at", sa.DateTime, nullable=False),
    sa.Column("expires_at", sa.DateTime, nullable=False),
    sa.UniqueConstraint("channel", "user"),
)
audit = sa.Table(
    "audit",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("at", sa.DateTime, nullable=False, index=True),
    sa.Column("who", sa.String(255), nullable=False),
    sa.Column("event", sa.String(32), nullable=False),
    sa.Column("reference", sa.String(255), nullable=False),
)
