"""The parts of a running app, and what every route asks of a request before it works."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from bot.channels.desk import Desk
from bot.conversations import ConversationStore
from bot.counting import Counts
from bot.engine import Engine
from bot.identity.parts import Identity
from bot.limits import Limits, Standing
from bot.metrics import Metrics
from bot.middleware import STANDINGS
from bot.notice_log import NoticeLog
from bot.problems import Problem
from bot.settings import Settings
from bot.tokens import Tokens
from bot.tracing import Tracing
from bot.turns import Turns
from connectors.registry import Dossiers
from knowledge.rules.service import Rules
from knowledge.service import Knowledge

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


@dataclass
class Services:
    """One app's parts."""

    settings: Settings
    catalogue: Knowledge
    dossiers: Dossiers
    engine: Engine
    store: ConversationStore
    tokens: Tokens
    counts: Counts
    limits: Limits
    turns: Turns
    metrics: Metrics
    tracing: Tracing
    identity: Identity
    notices: NoticeLog
    desk: Desk
    rules: Rules | None = None


async def services(request: Request) -> Services:
    """The parts of the app that got ``request``."""
    found: Services = request.app.state.services
    return found


Parts = Annotated[Services, Depends(services)]


def address_of(request: Request) -> str:
    """Where ``request`` comes from (behind trusted proxies: as they say), '' where unknown."""
    return request.client.host if request.client else ""


def site_of(request: Request, parts: Services) -> str:
    """Our own address for links: what the operator says, else what the browser called us. Another
    host name in a request changes nothing where the operator said it."""
    return parts.settings.public_url or str(request.base_url)


def costs(points: int) -> Callable[[Endpoint], Endpoint]:
    """Marks a route that costs an address ``points``, not 1."""

    def mark(endpoint: Endpoint) -> Endpoint:
        endpoint.cost = points  # type: ignore[attr-defined]
        return endpoint

    return mark


def tell(request: Request, standing: Standing) -> None:
    """Has the answer to ``request`` tell ``standing`` in its headers."""
    request.scope.setdefault(STANDINGS, []).append(standing)


async def within_address_limit(request: Request, parts: Parts) -> None:
    """Counts the request for its address, by what its route costs; raises a 429 problem."""
    cost = getattr(request.scope["endpoint"], "cost", 1)
    tell(request, await parts.limits.check_address(address_of(request), cost))


async def within_sign_in_limit(request: Request, parts: Parts) -> None:
    """Counts an attempt to sign in for its address; raises a 429 problem."""
    tell(request, await parts.limits.check_sign_in(address_of(request)))


_bearer = HTTPBearer(auto_error=False, description="token of POST /api/v1/conversations")


async def opened_conversation(
    parts: Parts,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> str:
    """The conversation that the bearer token opens; raises a 401 problem."""
    conversation = parts.tokens.conversation(credentials.credentials) if credentials else None
    if conversation is None:
        raise Problem(401, "unauthenticated", headers={"WWW-Authenticate": "Bearer"})
    return conversation


Opened = Annotated[str, Depends(opened_conversation)]


async def own_conversation(conversation_id: str, opened: Opened) -> str:
    """The conversation of the path; a 404 problem in the same words for another's and for none."""
    if conversation_id != opened:
        raise Problem(404, "conversation_not_found")
    return conversation_id


Own = Annotated[str, Depends(own_conversation)]
