"""The hostile texts through the API, the page without script, and every channel: typed by a person
and standing in a record, they stay text."""

import copy
import itertools
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from block_samples import SOURCE
from channels_gateway import connected
from fake_channels import _Marks
from fake_engine import says
from gateway import running
from hostile_texts import HOSTILE, TEMPLATES
from messengers import PEOPLE
from test_channel_drawing import CHANNELS
from test_plain_page import EVERY_BLOCK, all_blocks

from bot.channels.rendering import Draw
from bot.edge import MAX_LENGTH, TextTooLong, clean, readable
from bot.replies import PublicOption
from knowledge.blocks import ContactBlock, ListBlock, NoticeBlock, StepRow, StepsBlock, TextBlock

SENDABLE = [text for text in HOSTILE if len(text) <= MAX_LENGTH]
_SHOWN = ("title", "text", "name", "note", "method", "time", "label", "detail", "form_name")


class Marks(HTMLParser):
    """What a browser makes of a page: its marks, their attributes, where its links lead."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.marks: set[str] = set()
        self.targets: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.marks |= {tag, *(f"{tag} {name}" for name, _ in attrs)}
        self.targets += [value or "" for name, value in attrs if name in ("href", "src", "action")]


def in_a_record(blocks: list[dict[str, Any]], text: str) -> list[dict[str, Any]]:
    """The blocks with ``text`` wherever a record's own words are shown."""

    def put(value: Any) -> Any:
        if isinstance(value, list):
            return [put(item) if not isinstance(item, str) else text for item in value]
        if isinstance(value, dict):
            return {
                key: text if key in _SHOWN and isinstance(item, str) else put(item)
                for key, item in value.items()
            }
        return value

    found: list[dict[str, Any]] = put(copy.deepcopy(blocks))
    return found


def same_marks(html: str, harmless: set[str]) -> None:
    read = Marks(html)
    assert read.marks <= harmless, read.marks - harmless
    for target in read.targets:
        assert re.match(r"https?://|/|#|(data:,)?$", target), target
        assert "evil.example" not in target


async def test_typed_into_the_api_they_are_answered_and_given_back_as_text(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway:
        for text in HOSTILE:
            talk = await gateway.begin()
            answered = await talk.send(text=text)
            assert answered.headers["content-type"].endswith("json")
            try:
                cleaned = clean(text)
            except TextTooLong:
                assert answered.status_code == 422, text[:40]
                continue
            assert answered.status_code == 200, text[:40]
            if not readable(cleaned):
                assert answered.json()["outcome"] == "clarifying"
                continue
            asked = gateway.engine.seen[-1]
            assert asked["text"] == cleaned and "intent" not in asked
            assert asked["metadata"]["role"] == "citizen"
            assert len(await talk.history()) == 1


async def test_as_an_option_an_id_or_a_search_they_are_no_failure(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway:
        talk = await gateway.begin()
        for text in HOSTILE:
            get, post = gateway.client.get, gateway.client.post
            answers = [
                await talk.send(choice=text),
                await talk.send(text="câu", message_id=text),
                await get("/api/v1/procedures", params={"q": text}),
                await get("/api/v1/procedures", params={"q": "khai", "field": text}),
                await get("/chat/search", params={"q": text}),
                await post("/chat", data={"choice": text}),
            ]
            assert [one.status_code for one in answers if one.status_code >= 500] == [], text[:40]
            headers = {"Authorization": f"Bearer {text[:200].encode('ascii', 'ignore').decode()}"}
            if not re.search(r"[\x00-\x1f\x7f]", headers["Authorization"]):
                opened = await get(f"{talk.path}/messages", headers=headers)
                assert opened.status_code == 401


async def test_on_the_page_without_script_they_become_no_markup(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway:
        client = gateway.client
        gateway.engine.messages = [all_blocks()]
        await client.post("/chat", data={"text": "câu hỏi"})
        too_long = await client.post("/chat", data={"text": "a" * 1001})
        pages = [(await client.get("/chat")).text, too_long.text]
        pages.append((await client.get("/chat/search?q=khai")).text)
        pages.append((await client.get("/chat/search?q=xyz")).text)
        pages.append((await client.get("/chat/search", params={"q": "a" * 1001})).text)
        harmless = set().union(*(Marks(page).marks for page in pages))
        for text in HOSTILE:
            client.cookies.clear()
            blocks = in_a_record(EVERY_BLOCK, text)
            gateway.engine.messages = [{"custom": {"outcome": "answered", "blocks": blocks}}]
            sent = await client.post("/chat", data={"text": text})
            assert sent.status_code in (303, 422), text[:40]
            same_marks(sent.text, harmless)
            shown = await client.get("/chat")
            same_marks(shown.text, harmless)
            found = await client.get("/chat/search", params={"q": text})
            same_marks(found.text, harmless)
            assert found.status_code in (200, 422)


async def test_no_template_in_a_text_is_worked_out(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway:
        for text in TEMPLATES:
            gateway.client.cookies.clear()
            gateway.engine.messages = [says(f"trả lời {text}")]
            await gateway.client.post("/chat", data={"text": f"hỏi {text}"})
            page = (await gateway.client.get("/chat")).text
            assert "49" not in re.sub(r"(?s)<style.*?</style>", "", page)
            assert "class &#39;" not in page


BLOCKS = [
    lambda text: TextBlock(title=text, text=text, source=SOURCE),
    lambda text: ListBlock(title=text, items=[(text, text)], source=SOURCE),
    lambda text: StepsBlock(title=text, steps=[StepRow(name=text, text=text)], source=SOURCE),
    lambda text: ContactBlock(text=text, lines=[(text, text)]),
    lambda text: NoticeBlock(text=text, level="warning"),
]


@pytest.mark.parametrize("channel", CHANNELS)
def test_drawn_for_a_channel_they_are_the_text_a_person_reads(channel: str) -> None:
    draw: Draw = CHANNELS[channel][0]
    limit = CHANNELS[channel][1]
    for text, block in itertools.product(SENDABLE, BLOCKS):
        option = PublicOption(label=text, id="AbCdEfGhIj-_.0")
        for message in draw([block(text)], [option]):
            if "html" in message:
                assert _Marks().read(message["html"]) is not None, message["html"][:80]
            told = message.get("text", "")
            assert len(told.encode("utf-16-le")) // 2 <= limit


@pytest.mark.parametrize("channel", PEOPLE)
async def test_written_in_a_channel_they_are_answered(tmp_path: Path, channel: str) -> None:
    async with connected(tmp_path, limit_conversation=10_000) as channels:
        person = PEOPLE[channel](channels.values)
        await channels.say(person, "xin chào")
        for text in HOSTILE:
            channels.engine.messages = [says(f"trả lời: {text[:500]}")]
            before = len(channels.platforms.to(person.chat))
            accepted = await channels.deliver(person.text(text))
            assert accepted.status_code == 200, text[:40]
            await channels.settle()
            assert len(channels.platforms.to(person.chat)) > before or not text.strip(), text[:40]
        assert all("intent" not in asked for asked in channels.engine.seen)
        assert {asked["metadata"]["role"] for asked in channels.engine.seen} == {"citizen"}
