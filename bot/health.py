"""Whether the app lives, whether it can answer, and its figures."""

import asyncio
import contextlib
import datetime as dt
from typing import Any, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel
from sqlalchemy.exc import SQLAlchemyError

from bot.conversations import StoreUnavailable
from bot.services import Parts, Services

router = APIRouter()


class Part(BaseModel):
    """State of one part and what it tells about itself."""

    state: Literal["up", "down"]
    details: dict[str, Any] = {}


class Readiness(BaseModel):
    """``degraded``: questions are answered, but something is missing (history)."""

    status: Literal["ready", "degraded", "not_ready"]
    parts: dict[str, Part]


@router.get("/healthz")
async def alive() -> dict[str, str]:
    """Answers as long as the process does."""
    return {"status": "ok"}


async def _parts(parts: Services) -> dict[str, Part]:
    try:
        await parts.store.run(parts.store.ping)
        conversations = Part(state="up")
    except StoreUnavailable:
        conversations = Part(state="down")
    engine = Part(state="up" if await parts.engine.healthy() else "down")
    try:
        catalogue = Part(state="up", details=await asyncio.to_thread(parts.catalogue.status))
    except SQLAlchemyError:
        catalogue = Part(state="down")
    redis = await parts.counts.up()
    circuits = parts.dossiers.health()
    dossiers = Part(state="down" if "open" in circuits.values() else "up", details=dict(circuits))
    shown = {
        "engine": engine,
        "catalogue": catalogue,
        "conversations": conversations,
        "dossiers": dossiers,
    }
    return shown if redis is None else shown | {"redis": Part(state="up" if redis else "down")}


@router.get("/readyz", responses={503: {"model": Readiness}})
async def ready(parts: Parts, response: Response) -> Readiness:
    """Names each part; 503 until questions can be answered."""
    states = await _parts(parts)
    if states["engine"].state == "down":
        response.status_code = 503
        return Readiness(status="not_ready", parts=states)
    down = any(part.state == "down" for part in states.values())
    return Readiness(status="degraded" if down else "ready", parts=states)


@router.get("/metrics", include_in_schema=False)
async def figures(parts: Parts) -> Response:
    """Prometheus' text format."""
    parts.metrics.redis(await parts.counts.up())
    parts.metrics.dossier_systems(parts.dossiers.health())
    with contextlib.suppress(SQLAlchemyError):
        status = await asyncio.to_thread(parts.catalogue.status)
        built_at = dt.datetime.fromisoformat(status["index_built_at"])
        parts.metrics.index(built_at, current=status["index_current"])
    with contextlib.suppress(StoreUnavailable):
        parts.metrics.waiting_updates(await parts.desk.waiting())
    return Response(parts.metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")
