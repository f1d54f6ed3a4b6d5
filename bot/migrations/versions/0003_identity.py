"""Officials, their sessions and links, the audit log; whom a conversation belongs to."""

import sqlalchemy as sa
from alembic import op

revision = "0003_identity"
down_revision = "0002_channels"


def upgrade() -> None:
    op.add_column("conversations", sa.Column("official", sa.String(16)))
    op.create_table(
        "officials",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("subject", sa.String(255), nullable=False, unique=True),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("unit", sa.String(64), nullable=False),
        sa.Column("unit_name", sa.String(255), nullable=False),
        sa.Column("password", sa.String(255)),
        sa.Column("totp_secret", sa.String(64)),
        sa.Column("totp_step", sa.Integer, nullable=False),
        sa.Column("seen_at", sa.DateTime, nullable=False),
    )
    op.create_table(
        "bad_logins",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("last_at", sa.DateTime, nullable=False),
    )
    op.create_table(
        "sessions",
        sa.Column("token", sa.String(64), primary_key=True),
        _official(),
        sa.Column("csrf", sa.String(32), nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("seen_at", sa.DateTime, nullable=False),
    )
    op.create_table(
        "link_codes",
        sa.Column("code", sa.String(64), primary_key=True),
        _official(),
        sa.Column("expires_at", sa.DateTime, nullable=False),
    )
    op.create_table(
        "channel_links",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("user", sa.String(64), nullable=False),
        _official(),
        sa.Column("linked_at", sa.DateTime, nullable=False),
        sa.Column("expires_at", sa.DateTime, nullable=False),
        sa.UniqueConstraint("channel", "user"),
    )
    op.create_table(
        "audit",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("at", sa.DateTime, nullable=False, index=True),
        sa.Column("who", sa.String(255), nullable=False),
        sa.Column("event", sa.String(32), nullable=False),
        sa.Column("reference", sa.String(255), nullable=False),
    )


def _official() -> sa.Column[str]:
    return sa.Column(
        "official", sa.String(16), sa.ForeignKey("officials.id"), nullable=False, index=True
    )


def downgrade() -> None:
    for table in ("audit", "channel_links", "link_codes", "sessions", "bad_logins", "officials"):
        op.drop_table(table)
    op.drop_column("conversations", "official")
