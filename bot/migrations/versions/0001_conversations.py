"""Conversations and their turns."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "conversations",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("seen_at", sa.DateTime, nullable=False, index=True),
        sa.Column("erased_at", sa.DateTime),
        sa.Column("tracker_left", sa.Boolean, nullable=False, index=True),
    )
    op.create_table(
        "turns",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("id", sa.String(16), nullable=False, unique=True),
        sa.Column(
            "conversation",
            sa.String(32),
            sa.ForeignKey("conversations.id"),
            nullable=False,
            index=True,
        ),
        sa.Column("created_at", sa.DateTime, nullable=False, index=True),
        sa.Column("text", sa.Text),
        sa.Column("outcome", sa.String(32), nullable=False),
        sa.Column("blocks", sa.Text),
        sa.Column("suggestions", sa.Text),
        sa.Column("options", sa.Text),
        sa.Column("timings_ms", sa.JSON, nullable=False),
        sa.Column("feedback", sa.String(8)),
    )


def downgrade() -> None:
    op.drop_table("turns")
    op.drop_table("conversations")
