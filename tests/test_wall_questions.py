"""The wall: a citizen asks every rule question in every channel and gets nothing of the rules: what
they would be told if there were none. An official is answered, so there is something to hide."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from channels_gateway import connected
from gateway import running
from messengers import PEOPLE, heard
from sign_in import account, sign_in
from test_sign_in import browser
from wall import OURS, action_engine, all_rules, leaks, questions

from bot.conversations import utc_now
from knowledge.roles import Role
from knowledge.rules.service import Rules
from knowledge.service import Knowledge

pytestmark = pytest.mark.asyncio
FIGURES = "đơn vị tôi có bao nhiêu hồ sơ quá hạn"
Answer = tuple[str, Any, Any]


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory, shared_data: Path | None) -> Rules:
    return all_rules(tmp_path_factory.mktemp("rules"), shared_data)


@pytest.fixture(scope="module")
def asked(shared_data: Path | None) -> list[str]:
    return [*questions(shared_data), FIGURES]


def without_ids(options: list[dict[str, Any]]) -> list[str]:
    return [option["label"] for option in options]


def told(reply: dict[str, Any]) -> Answer:
    """What a reply tells, without the ids of its buttons."""
    blocks = [
        block | {"options": without_ids(block["options"])} if "options" in block else block
        for block in reply["blocks"]
    ]
    return reply["outcome"], blocks, without_ids(reply["suggestions"])


async def on_the_web(
    folder: Path, knowledge: Knowledge, rules: Rules | None, asked: list[str]
) -> list[Answer]:
    """A citizen's answers, each question in a talk of its own."""
    engine = action_engine(knowledge, rules)
    async with running(folder, engine=engine, limit_address=50_000) as gateway:
        return [told((await (await gateway.begin()).send(text=text)).json()) for text in asked]


async def test_on_the_web_rules_change_nothing_for_a_citizen(
    tmp_path: Path, knowledge: Knowledge, rules: Rules, asked: list[str]
) -> None:
    with_rules = await on_the_web(tmp_path / "a", knowledge, rules, asked)
    without = await on_the_web(tmp_path / "b", knowledge, None, asked)
    assert with_rules == without
    assert not OURS & {outcome for outcome, _, _ in with_rules}


async def test_an_official_is_answered_the_same_questions(
    tmp_path: Path, knowledge: Knowledge, rules: Rules, asked: list[str]
) -> None:
    engine = action_engine(knowledge, rules)
    found = 0
    async with running(tmp_path, engine=engine) as gateway, browser(gateway) as client:
        await sign_in(client, await account(gateway.services.identity))
        for text in asked:
            begun = (await client.post("/api/v1/conversations")).json()
            reply = await client.post(
                f"/api/v1/conversations/{begun['conversation_id']}/messages",
                json={"text": text},
                headers={"Authorization": f"Bearer {begun['token']}"},
            )
            found += reply.json()["outcome"] in ("rule_answered", "figures_shown")
    assert found >= 0.6 * len(asked), f"{found} of {len(asked)}"


@pytest.mark.parametrize("channel", PEOPLE)
async def test_in_every_channel_a_citizen_hears_nothing_of_the_rules(
    tmp_path: Path, knowledge: Knowledge, rules: Rules, asked: list[str], channel: str
) -> None:
    engine = action_engine(knowledge, rules)
    async with connected(tmp_path, engine=engine) as channels:
        people = [PEOPLE[channel](channels.values) for _ in asked]
        for at, (person, text) in enumerate(zip(people, asked, strict=True), 1):
            assert (await channels.deliver(person.text(text))).status_code == 200
            if at % 20 == 0 or at == len(asked):
                await channels.settle()
        said = [heard(channels.platforms, person.chat) for person in people]
    assert len(engine.told) == len(asked) and all(said)
    assert {seen["metadata"]["role"] for seen in engine.seen} == {"citizen"}
    assert [leaks(rules, one) for one in (*said, *engine.told)] == [[]] * 2 * len(asked)


async def test_without_script_a_citizen_reads_nothing_of_the_rules(
    tmp_path: Path, knowledge: Knowledge, rules: Rules, asked: list[str]
) -> None:
    engine = action_engine(knowledge, rules)
    async with running(tmp_path, engine=engine, limit_address=50_000) as gateway:
        for text in asked:
            gateway.client.cookies.clear()
            await gateway.client.post("/chat", data={"text": text})
            shown = await gateway.client.get("/chat")
            assert leaks(rules, shown.text) == [], text
    assert [leaks(rules, one) for one in engine.told] == [[]] * len(asked)


async def test_the_search_of_rules_is_closed_to_citizens_in_the_same_words(
    tmp_path: Path, knowledge: Knowledge, rules: Rules, asked: list[str]
) -> None:
    async with running(tmp_path, rules=rules, limit_address=50_000) as gateway:
        answers = [
            await gateway.client.get("/api/v1/rules", params={"q": text}) for text in [*asked, ""]
        ]
    assert {answer.status_code for answer in answers} == {403}
    assert len({answer.text for answer in answers}) == 1


async def test_retrieval_itself_gives_a_citizen_nothing(rules: Rules, asked: list[str]) -> None:
    keys = [unit.id for unit in rules._searcher.index.provisions]
    for text in asked:
        assert rules.ask(text, Role.CITIZEN) is None
        assert rules.listed(text, Role.CITIZEN) == []
        assert rules.search(text, Role.CITIZEN).hits == ()
    for key in keys:
        assert rules.show(key, Role.CITIZEN) is None and rules.article(key, Role.CITIZEN) is None
    assert rules.process_codes(Role.CITIZEN) == frozenset()


async def test_an_official_searches_rules_and_the_log_tells_what_was_shown(
    tmp_path: Path, rules: Rules
) -> None:
    async with running(tmp_path, rules=rules) as gateway, browser(gateway) as client:
        await sign_in(client, await account(gateway.services.identity))
        found = await client.get("/api/v1/rules", params={"q": "điều 3 quyết định 05/QĐ-BPMC"})
        asked = await client.get("/api/v1/rules", params={"q": "thứ bảy có làm việc không"})
        log = await gateway.services.identity.audit.lines(utc_now() - dt.timedelta(hours=1))
    first = found.json()["results"][0]
    assert (first["document"], first["article"], first["score"]) == (
        "Quyết định số 05/QĐ-BPMC",
        "3",
        1.0,
    )
    assert first["text"] and first["title"]
    assert asked.json()["results"]
    shown = [line.reference for line in log if line.event == "rules_searched"]
    assert any("Điều 3" in reference for reference in shown)
    assert not any("làm việc không" in reference for reference in shown)
