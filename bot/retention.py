"""Keeps the promise of the first notice: old text goes, and erased trackers really are gone."""

import asyncio
import logging

from bot import notice_log
from bot.channels.updates import Updates
from bot.conversations import ConversationStore, StoreUnavailable
from bot.engine import Engine, EngineUnavailable
from bot.identity.audit import Audit
from bot.metrics import Metrics

log = logging.getLogger(__name__)
_EVERY_SECONDS = 600.0


async def purge(store: ConversationStore, days: int) -> dict[str, int]:
    """Removes what is kept no longer: words older than ``days``, lines of the audit log and of the
    notices told after their own time. How many of what went. Raises StoreUnavailable."""
    lines = await Audit(store).purge()
    await store.run(Updates(store).purge, days)
    purged = await store.run(store.purge, days)
    notices = await store.transaction(notice_log.purge, days)
    return {
        "turns": purged.turns,
        "conversations": purged.conversations,
        "audit_lines": lines,
        "notices_told": notices,
    }


async def sweep(store: ConversationStore, engine: Engine, days: int) -> bool:
    """Purges, then has the engine erase the trackers that are left; whether all of it was done."""
    try:
        report = await purge(store, days)
        if any(report.values()):
            log.info("purged", extra=report)
        for conversation in await store.run(store.trackers_left):
            await engine.erase(conversation)
            await store.run(store.tracker_gone, conversation)
    except (StoreUnavailable, EngineUnavailable):
        log.warning("sweep not finished; the next one goes on")
        return False
    return True


async def sweep_for_ever(
    store: ConversationStore, engine: Engine, days: int, metrics: Metrics
) -> None:
    """Sweeps every ten minutes until cancelled, first after ten minutes."""
    while True:
        await asyncio.sleep(_EVERY_SECONDS)
        if await sweep(store, engine, days):
            metrics.swept()
