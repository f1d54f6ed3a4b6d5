"""Guessing dossier codes: stopped for a person, an address and a unit's day, politely; and nothing
that is said tells a dossier that may not be shown from one that is not there."""

import contextlib
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from dossier_engine import DossierEngine
from dossier_systems import igate_entry, sandbox
from gateway import Gateway, running

from bot.counting import Counts
from bot.limits import (
    MISSES_OF_A_BATCH,
    MISSES_OF_A_CONVERSATION,
    MISSES_OF_AN_ADDRESS,
    Lookups,
)
from connectors.codes import ReadCode, read_digits
from connectors.configuration import open_system
from connectors.registry import Dossiers
from connectors.sandbox.app import Sandbox
from connectors.sandbox.faults import Fault
from knowledge.blocks import Answer

KNOWN, ELSEWHERE = "H37.12-260601-0004", "H51.12-260601-0004"
A_PERSON, AN_ADDRESS = MISSES_OF_A_CONVERSATION.amount, MISSES_OF_AN_ADDRESS.amount
A_BATCH = MISSES_OF_A_BATCH.amount


def guess(number: int, day: str = "260602") -> str:
    """A code that the sandbox does not have."""
    return f"H37.12-{day}-{number:04d}"


@dataclass
class Person:
    """One conversation from one address."""

    client: httpx.AsyncClient
    conversation: dict[str, Any]

    async def say(self, text: str) -> dict[str, Any]:
        path = f"/api/v1/conversations/{self.conversation['conversation_id']}/messages"
        headers = {"Authorization": f"Bearer {self.conversation['token']}"}
        reply = await self.client.post(path, json={"text": text}, headers=headers)
        assert reply.status_code == 200, reply.text
        answered: dict[str, Any] = reply.json()
        return answered

    async def outcomes(self, *texts: str) -> list[str]:
        return [(await self.say(text))["outcome"] for text in texts]


@dataclass
class Town:
    """A gateway over the sandbox, and people who reach it from where they are."""

    gateway: Gateway
    sandbox: Sandbox
    clients: contextlib.AsyncExitStack

    async def person(self, address: str = "198.51.100.1") -> Person:
        transport = httpx.ASGITransport(self.gateway.app, client=(address, 40000))
        client = httpx.AsyncClient(transport=transport, base_url="http://assistant.test")
        await self.clients.enter_async_context(client)
        return Person(client, (await client.post("/api/v1/conversations")).json())


@contextlib.asynccontextmanager
async def a_town(folder: Path, **values: Any) -> AsyncIterator[Town]:
    unlimited = {"limit_conversation": 100_000, "limit_address": 500_000}
    async with sandbox() as (served, url), contextlib.AsyncExitStack() as clients:
        systems = [open_system(igate_entry(url, prefixes=["H37"]))]
        dossiers = Dossiers(systems, not_found_seconds=0)
        clients.push_async_callback(dossiers.close)
        engine = DossierEngine(dossiers=dossiers)
        async with running(folder, engine=engine, **unlimited | values) as gateway:
            yield Town(gateway, served, clients)


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with a_town(tmp_path) as one:
        yield one


async def test_a_person_who_misses_too_often_is_told_to_wait_with_a_way_on(town: Town) -> None:
    person = await town.person()
    guesses = [guess(n) for n in range(A_PERSON)]
    assert await person.outcomes(*guesses) == ["dossier_not_found"] * A_PERSON
    refused = await person.say(guess(99))
    assert refused["outcome"] == "rate_limited"
    assert "khoảng 10 phút" in refused["blocks"][0]["text"]
    assert "dichvucong.gov.vn" in refused["blocks"][0]["text"]
    assert refused["blocks"][1]["type"] == "contact"


async def test_a_right_code_is_refused_too_and_other_questions_are_answered(town: Town) -> None:
    person = await town.person()
    await person.outcomes(*map(guess, range(A_PERSON)))
    before = town.sandbox.calls
    assert await person.outcomes(KNOWN, "xin chào") == ["rate_limited", "small_talk"]
    assert town.sandbox.calls == before


async def test_found_dossiers_cost_nothing(town: Town) -> None:
    person = await town.person()
    assert set(await person.outcomes(*[KNOWN] * (A_PERSON + 3))) == {"dossier_found"}


async def test_a_known_code_beside_guesses_does_not_hide_them(town: Town) -> None:
    person = await town.person()
    texts = [f"{KNOWN}, {guess(2 * n)}, {guess(2 * n + 1)}" for n in range(4)]
    assert await person.outcomes(*texts) == ["dossier_found"] * 3 + ["rate_limited"]


async def test_a_code_from_elsewhere_beside_guesses_does_not_hide_them(town: Town) -> None:
    person = await town.person()
    texts = [f"{ELSEWHERE}, {guess(2 * n)}, {guess(2 * n + 1)}" for n in range(3)]
    assert await person.outcomes(*texts) == ["dossier_not_found"] * 2 + ["rate_limited"]


async def test_codes_that_cannot_be_right_count(town: Town) -> None:
    person = await town.person()
    outcomes = await person.outcomes(*["H37.12-261301-0001"] * (A_PERSON + 1))
    assert outcomes == ["dossier_code_invalid"] * A_PERSON + ["rate_limited"]


async def test_a_system_that_is_down_counts_against_nobody(town: Town) -> None:
    town.sandbox.fault = Fault.STATUS_429
    person = await town.person()
    outcomes = await person.outcomes(*map(guess, range(A_PERSON + 2)))
    assert set(outcomes) == {"dossier_system_unavailable"}


async def test_new_conversations_do_not_help_an_address(town: Town) -> None:
    outcomes = []
    for number in range(AN_ADDRESS + 5):
        outcomes += await (await town.person()).outcomes(guess(number))
    assert outcomes == ["dossier_not_found"] * AN_ADDRESS + ["rate_limited"] * 5
    neighbour = await town.person("198.51.100.2")
    assert await neighbour.outcomes(KNOWN) == ["dossier_found"]


async def test_addresses_of_one_ipv6_network_are_one(town: Town) -> None:
    outcomes = []
    for number in range(AN_ADDRESS + 1):
        person = await town.person(f"2001:db8::{number + 1:x}")
        outcomes += await person.outcomes(guess(number))
    assert outcomes[-1] == "rate_limited"


async def test_many_addresses_do_not_help_to_guess_a_unit_s_day(town: Town) -> None:
    outcomes = []
    for number in range(A_BATCH + 5):
        person = await town.person(f"198.51.{number}.1")
        outcomes += await person.outcomes(guess(number))
    assert outcomes == ["dossier_not_found"] * A_BATCH + ["rate_limited"] * 5
    person = await town.person("203.0.113.1")
    assert await person.outcomes(KNOWN) == ["dossier_found"]


async def test_ten_thousand_guesses_are_stopped(town: Town) -> None:
    """Three a message, each message from a conversation of its own, a hundred addresses."""
    seen: Counter[str] = Counter()
    people = [await town.person(f"203.0.{number}.1") for number in range(100)]
    begun = town.sandbox.calls
    for start in range(0, 10_000, 3):
        person = people[start // 3 % len(people)]
        text = " ".join(guess(number) for number in range(start, min(start + 3, 10_000)))
        seen[(await person.say(text))["outcome"]] += 1
    assert set(seen) == {"dossier_not_found", "rate_limited"}
    assert town.sandbox.calls - begun <= A_BATCH + 2
    assert seen["rate_limited"] >= 3_300


def _told(reply: dict[str, Any]) -> dict[str, Any]:
    return {key: reply[key] for key in ("outcome", "blocks", "suggestions")}


async def test_forbidden_and_absent_are_the_same_answer(tmp_path: Path) -> None:
    """The same code, once forbidden, once not there, once another's by its second factor."""
    told = []
    for fault in (Fault.STATUS_403, Fault.STATUS_404, Fault.EMPTY, None):
        folder = tmp_path / str(fault)
        folder.mkdir()
        async with a_town(folder) as town:
            town.sandbox.fault = fault
            told.append(_told(await (await town.person()).say(guess(1))))
    assert told[0]["outcome"] == "dossier_not_found"
    assert all(one == told[0] for one in told)


async def _count(lookups: Lookups, conversation: str, text: str, outcome: str) -> None:
    lookup = lookups.read(conversation, "", text)
    assert lookup is not None
    await lookups.count(lookup, Answer(outcome=outcome, blocks=[]), most=3)


async def test_the_lock_ends_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    lookups = Lookups(Counts(), second_factor=False)
    for number in range(A_PERSON):
        await _count(lookups, "a", guess(number), "dossier_not_found")
    lookup = lookups.read("a", "", guess(99))
    assert lookup is not None and 0 < await lookups.wait(lookup) <= 600
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 601)
    assert await lookups.wait(lookup) == 0


async def test_digits_for_a_code_that_another_replica_heard_count_too() -> None:
    lookups = Lookups(Counts(), second_factor=True)
    for number in range(A_PERSON):
        await _count(lookups, "a", f"{number:04d}", "dossier_not_found")
    lookup = lookups.read("a", "", "9999")
    assert lookup is not None and await lookups.wait(lookup) > 0


async def test_digits_of_a_second_factor_count_for_the_code_they_are_for() -> None:
    lookups = Lookups(Counts(), second_factor=True)
    first = lookups.read("a", "", KNOWN)
    assert first is not None
    await lookups.count(first, Answer(outcome="form_asked", blocks=[]), most=3)
    for number in range(A_PERSON):
        await _count(lookups, "a", f"{number:04d}", "dossier_not_found")
    lookup = lookups.read("a", "", "9999")
    assert lookup is not None and lookup.codes == (ReadCode(KNOWN),)
    assert await lookups.wait(lookup) > 0


def test_what_asks_for_no_dossier_is_never_held_up() -> None:
    lookups = Lookups(Counts(), second_factor=False)
    assert lookups.read("a", "b", "1234") is None
    assert lookups.read("a", "b", "làm khai sinh cần giấy tờ gì") is None


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("1234", "1234"),
        ("12 34", "1234"),
        ("1-2-3-4", "1234"),
        ("4 số cuối là 1234 ạ", "1234"),
        ("0004", "0004"),
        ("123", None),
        ("12345", None),
        ("1234 5678 9", None),
        ("1234 hoặc 5678", None),
        (f"{KNOWN} 1234", None),
        ("một hai ba bốn", None),
    ],
)
def test_four_digits_are_read_however_they_are_spaced(text: str, digits: str | None) -> None:
    assert read_digits(text) == digits
