"""Officials for tests: local accounts, and their sign-in by the page's own form."""

import re
from dataclasses import dataclass
from typing import Any

import httpx
import pyotp

from bot.identity.officials import Official, Person, local
from bot.identity.parts import Identity
from knowledge.roles import Role

PASSWORD = "một mật khẩu đủ dài"


@dataclass
class Account:
    """A local account: what its owner knows."""

    name: str
    seed: str

    @property
    def code(self) -> str:
        return pyotp.TOTP(self.seed).now()


async def account(
    identity: Identity, name: str = "lan", role: Role = Role.OFFICIAL, unit: str = "H37.12"
) -> Account:
    """A new local account."""
    person = Person(local(name), "Nguyễn Thị Lan", role, unit, "Bộ phận một cửa mẫu số 12")
    return Account(name, await identity.officials.add_local(person, PASSWORD))


async def official(identity: Identity, name: str = "lan", **values: Any) -> Official:
    """The official of a new local account."""
    await account(identity, name, **values)
    return next(one for one in await identity.officials.all() if one.subject == local(name))


def field_of(html: str, name: str = "form") -> str:
    """The value of the hidden field ``name``."""
    found = re.search(rf'name="{name}" value="([^"]*)"', html)
    assert found, html
    return found.group(1)


async def sign_in(client: httpx.AsyncClient, who: Account, **given: str) -> httpx.Response:
    """Fills in the form of ``/sign-in``; ``given`` replaces what the owner knows."""
    form = field_of((await client.get("/sign-in")).text)
    data = {"form": form, "name": who.name, "password": PASSWORD, "code": who.code} | given
    return await client.post("/sign-in", data=data)
