"""A real OpenID provider for tests: ``oidc-provider-mock``, a process of its own on a free port."""

import contextlib
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from bot.processes import Part
from bot.supervisor import free_port

ROLES = {"official": ["can-bo"], "editor": ["bien-tap"], "admin": ["quan-tri"]}


@dataclass
class Provider:
    """The running provider."""

    url: str

    @property
    def settings(self) -> dict[str, Any]:
        """What the app needs to know of it."""
        return {
            "oidc_discovery_url": f"{self.url}/.well-known/openid-configuration",
            "oidc_client_id": "assistant",
            "oidc_client_secret": "secret-of-the-client",
            "oidc_roles": ROLES,
        }

    def user(self, subject: str, **claims: Any) -> None:
        """Makes or changes a user."""
        httpx.put(f"{self.url}/users/{subject}", json=claims, trust_env=False).raise_for_status()

    async def agree(self, address: str, **form: str) -> str:
        """Sends the provider's own form (``sub=``, or ``action="deny"``); the address the browser
        is sent back to."""
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.post(address, data=form)
        return answer.headers["location"]


def asked(address: str) -> dict[str, str]:
    """The query of an address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


@contextlib.contextmanager
def provider(folder: Path) -> Iterator[Provider]:
    """The provider while the block runs; its log goes into ``folder``."""
    port = free_port()
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port)]
    url = f"http://127.0.0.1:{port}"
    part = Part("provider", command, os.environ, f"{url}/jwks", folder / "provider.log")
    part.start()
    try:
        assert part.wait_until_it_answers(30), part.last_words()
        yield Provider(url)
    finally:
        part.stop()
