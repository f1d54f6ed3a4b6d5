"""What Rasa does anew in every turn and need do only once. Importing this module applies it.

``RemoteAction`` compiles the JSON schema of an action's answer for each answer, which was 85 % of
a turn; here it is compiled when first needed and kept, and events that plainly set a slot pass
without it. ``Event``
walks all its subclasses for each stored event to find one by name; here each name is found once.
``EndpointConfig`` opens a connection for each action; here they are kept.
"""

import contextlib
from collections.abc import AsyncIterator
from functools import cache
from typing import Any

import aiohttp
from jsonschema.validators import validator_for
from rasa.core.actions.action import RemoteAction
from rasa.shared.core.events import Event
from rasa.utils.endpoints import DEFAULT_REQUEST_TIMEOUT, EndpointConfig

_KEEP_SECONDS = 4.0
"""Less than the five seconds after which the app closes an idle connection."""


@cache
def _action_result_validator() -> Any:
    schema = RemoteAction.action_response_format_spec()
    kind = validator_for(schema)
    kind.check_schema(schema)
    return kind(schema)


def _plainly_slot(event: Any) -> bool:
    return (
        isinstance(event, dict)
        and event.get("event") == "slot"
        and isinstance(event.get("name"), str)
        and "value" in event
    )


def _validate_action_result(self: RemoteAction, result: dict[str, Any]) -> bool:
    """Raises ``jsonschema.ValidationError`` when ``result`` is not an action server's answer.

    Slots are nearly all that actions set; the schema tries each against every kind of event, so
    those that are plainly slots are told at sight.
    """
    events = result.get("events") if isinstance(result, dict) else None
    if isinstance(events, list):
        result = {**result, "events": [event for event in events if not _plainly_slot(event)]}
    _action_result_validator().validate(result)
    return True


_sessions: dict[str, aiohttp.ClientSession] = {}


@contextlib.asynccontextmanager
async def _kept_session(self: EndpointConfig) -> AsyncIterator[aiohttp.ClientSession]:
    """The one session of the endpoint's URL, open until ``close_sessions``."""
    if self.url not in _sessions:
        _sessions[self.url] = aiohttp.ClientSession(
            headers=self.headers,
            timeout=aiohttp.ClientTimeout(total=DEFAULT_REQUEST_TIMEOUT),
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=_KEEP_SECONDS),
        )
    yield _sessions[self.url]


async def close_sessions(*_: Any) -> None:
    """Closes what the endpoints kept open, when the engine's server stops."""
    while _sessions:
        await _sessions.popitem()[1].close()


EndpointConfig.session = _kept_session
RemoteAction._validate_action_result = _validate_action_result
Event.resolve_by_type = staticmethod(cache(Event.resolve_by_type))
