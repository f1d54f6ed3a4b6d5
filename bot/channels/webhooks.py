"""``/channels/...``: where Telegram and Zalo deliver. Accepted is what stands in the database."""

import logging

from fastapi import APIRouter, Request

from bot.channels.channel import Refused
from bot.conversations import StoreUnavailable
from bot.problems import Problem
from bot.services import Parts

log = logging.getLogger(__name__)
router = APIRouter(prefix="/channels", include_in_schema=False)


@router.post("/{slug}")
async def receive(slug: str, request: Request, parts: Parts) -> dict[str, str]:
    """Checks who sends, puts the update into the queue and says so; the answer comes later.

    A platform repeats what is not answered with 200: what is understood but wants no answer gets
    it too, and while the database is down nothing is accepted, so that the platform comes back.
    """
    channel = parts.desk.channels.get(slug)
    if channel is None:
        raise Problem(404, "not_found")
    try:
        incoming = channel.read(request.headers, await request.body())
    except Refused:
        log.warning("webhook refused", extra={"channel": channel.name})
        raise Problem(401, "unauthenticated") from None
    except ValueError:
        log.warning("update not understood", extra={"channel": channel.name})
        raise Problem(400, "invalid_request") from None
    if incoming is None:
        return {"status": "ignored"}
    try:
        await parts.desk.accept(channel.name, incoming)
    except StoreUnavailable:
        raise Problem(503, "internal", headers={"Retry-After": "5"}) from None
    return {"status": "accepted"}
