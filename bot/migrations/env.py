"""Alembic environment of the conversations' tables; ``knowledge.database.migrate`` runs it."""

from alembic import context

from bot.conversations import metadata

options = context.config.attributes
context.configure(
    connection=options["connection"],
    target_metadata=metadata,
    version_table=options["version_table"],
)
with context.begin_transaction():
    context.run_migrations()
