"""``assistant migrate``: the tables up to date, or back for an older release."""

from typing import Annotated

import typer

from bot.cli.output import console
from bot.conversations import migrate_conversations
from bot.settings import Settings
from knowledge.database import open_database
from knowledge.store import migrate_catalogue


def migrate(
    conversations: Annotated[
        str, typer.Option(help="Take the conversations' tables back to this version.")
    ] = "",
    catalogue: Annotated[
        str, typer.Option(help="Take the catalogue's tables back to this version.")
    ] = "",
) -> None:
    """Bring the tables of both databases up to date, or those named back to a version."""
    settings = Settings()
    up = not conversations and not catalogue
    if up or conversations:
        engine = open_database(settings.conversations_url)
        migrate_conversations(engine, conversations or None)
        engine.dispose()
        console.print(f"conversations: {conversations or 'up to date'}")
    if up or catalogue:
        engine = open_database(settings.database_url)
        migrate_catalogue(engine, catalogue or None)
        engine.dispose()
        console.print(f"catalogue: {catalogue or 'up to date'}")
