"""Updates of messaging channels, the people who write there, and tokens that renew themselves."""

import sqlalchemy as sa
from alembic import op

revision = "0002_channels"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "channel_updates",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("update_id", sa.String(128), nullable=False),
        sa.Column("person", sa.String(32), nullable=False),
        sa.Column("accepted_at", sa.DateTime, nullable=False, index=True),
        sa.Column("payload", sa.Text),
        sa.Column("messages", sa.Text),
        sa.Column("sent", sa.Integer, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("not_before", sa.DateTime, nullable=False),
        sa.Column("done_at", sa.DateTime),
        sa.UniqueConstraint("channel", "update_id"),
    )
    op.create_index(
        "ix_channel_updates_open", "channel_updates", ["done_at", "not_before", "number"]
    )
    op.create_index("ix_channel_updates_person", "channel_updates", ["person", "done_at"])
    op.create_table(
        "channel_people",
        sa.Column("person", sa.String(32), primary_key=True),
        sa.Column("conversation", sa.String(32), nullable=False),
        sa.Column("seen_at", sa.DateTime, nullable=False, index=True),
        sa.Column("greeted", sa.Boolean, nullable=False),
    )
    op.create_table(
        "channel_tokens",
        sa.Column("channel", sa.String(16), primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("seed", sa.String(64), nullable=False),
        sa.Column("access", sa.Text),
        sa.Column("refresh", sa.Text, nullable=False),
        sa.Column("expires_at", sa.DateTime, nullable=False),
        sa.Column("renewing_until", sa.DateTime, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("channel_tokens")
    op.drop_table("channel_people")
    op.drop_table("channel_updates")
