"""Keeps the promise of the first notice: old text goes, and erased trackers really are gone."""

import asyncio
import logging

from bot.channels.updates import Updates
from bot.conversations import ConversationStore, StoreUnavailable
from bot.engine import Engine, EngineUnavailable
from bot.identity.audit import Audit

log = logging.getLogger(__name__)
_EVERY_SECONDS = 600.0


async def sweep(store: ConversationStore, engine: Engine, audit: Audit, days: int) -> None:
    """Purges what is older than ``days`` and old lines of the audit log, then erases the trackers
    that are left."""
    try:
        if lines := await audit.purge():
            log.info("audit log purged", extra={"lines": lines})
        await store.run(Updates(store).purge, days)
        purged = await store.run(store.purge, days)
        if purged.turns or purged.conversations:
            counts = {"turns": purged.turns, "conversations": purged.conversations}
            log.info("purged", extra=counts)
        for conversation in await store.run(store.trackers_left):
            await engine.erase(conversation)
            await store.run(store.tracker_gone, conversation)
    except (StoreUnavailable, EngineUnavailable):
        log.warning("sweep not finished; the next one goes on")


async def sweep_for_ever(store: ConversationStore, engine: Engine, audit: Audit, days: int) -> None:
    """Sweeps every ten minutes until cancelled, first after ten minutes."""
    while True:
        await asyncio.sleep(_EVERY_SECONDS)
        await sweep(store, engine, audit, days)
