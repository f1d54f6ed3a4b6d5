"""Call a dossier system over HTTP: every way to fail becomes a ``SystemFailure`` of one word."""

import json
from typing import Any

import httpx

from connectors.dossier import SystemFailure

CONNECT_SECONDS = 2.0
LARGEST_REPLY = 1_000_000  # bytes; a look-up by code answers a few thousand


class Refused(Exception):
    """The system answered 401: the token is not, or no longer, good."""


class Absent(Exception):
    """The system answered 403 or 404: nothing there, or nothing that may be shown."""


def client(base_url: str, **options: Any) -> httpx.AsyncClient:
    """A client with kept-alive connections that follows no redirect and reads no proxy setting."""
    return httpx.AsyncClient(
        base_url=base_url,
        timeout=httpx.Timeout(None, connect=CONNECT_SECONDS),  # the registry bounds the whole
        trust_env=False,
        **options,
    )


async def ask(http: httpx.AsyncClient, method: str, url: str, **options: Any) -> Any:
    """The JSON that the system answers. Raises SystemFailure, Refused (401) or Absent (403, 404).

    ``again`` is set on what a second try may mend: time-outs, resets, 500 and above.
    """
    try:
        response = await http.request(method, url, **options)
    except httpx.TimeoutException:
        raise SystemFailure("timeout", again=True) from None
    except httpx.HTTPError:
        raise SystemFailure("unreachable", again=True) from None
    if response.status_code == 401:
        raise Refused
    if response.status_code in (403, 404):
        raise Absent
    if response.status_code == 429:
        raise SystemFailure("rate_limited")
    if response.is_error or response.is_redirect:
        again = response.status_code >= 500
        raise SystemFailure(f"status_{response.status_code}", again=again)
    return read_json(response.content)


def read_json(content: bytes) -> Any:
    """The JSON in ``content`` (UTF-8). Raises SystemFailure for HTML, cut or mis-encoded text."""
    if len(content) > LARGEST_REPLY:
        raise SystemFailure("too_large")
    try:
        return json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise SystemFailure("garbage") from None
