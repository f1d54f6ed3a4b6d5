"""Which notice a conversation was told, and when."""

import sqlalchemy as sa
from alembic import op

revision = "0004_notice_log"
down_revision = "0003_identity"


def upgrade() -> None:
    op.create_table(
        "notice_texts",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
    )
    op.create_table(
        "notices_told",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("conversation", sa.String(64), nullable=False, index=True),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("notice", sa.String(16), sa.ForeignKey("notice_texts.id"), nullable=False),
        sa.Column("at", sa.DateTime, nullable=False, index=True),
    )


def downgrade() -> None:
    op.drop_table("notices_told")
    op.drop_table("notice_texts")
