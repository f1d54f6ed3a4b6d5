"""Every block in every messaging channel, as reviewable text, and nothing lost over the parts.

``UPDATE_SNAPSHOTS=1 pytest tests/test_channel_drawing.py`` writes ``tests/snapshots`` anew.
"""

import json
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, get_args

import pytest
from block_samples import LONG_LABEL, SAMPLES, SUGGESTIONS, option
from fake_channels import _Marks, utf16
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.rendering import Draw
from bot.channels.rendering.document import Paragraph, Span, plain, plain_text
from bot.channels.rendering.splitting import split
from bot.channels.telegram import drawing as telegram
from bot.channels.zalo_bot import drawing as zalo_bot
from bot.channels.zalo_oa import drawing as zalo_oa
from bot.replies import PublicBlock, PublicChoices
from knowledge.blocks import StepRow, StepsBlock, TextBlock

SNAPSHOTS = Path(__file__).parent / "snapshots"
CHANNELS: dict[str, tuple[Draw, int]] = {
    "telegram": (telegram.draw, 4096),
    "zalo_oa": (zalo_oa.draw, 2000),
    "zalo_bot": (zalo_bot.draw, 2000),
}
EVERY = pytest.mark.parametrize("channel", CHANNELS)


def _shown(messages: Sequence[dict[str, Any]]) -> str:
    """Messages as a reviewer reads them."""
    parts = []
    for message in messages:
        lines = [message.get("html") or message.get("text") or ""]
        for label, payload in message.get("buttons", ()):
            lines.append(f"[{label}] -> {payload}")
        if "attachment" in message:
            lines.append(json.dumps(message["attachment"], ensure_ascii=False, indent=1))
        parts.append("\n".join(filter(None, lines)))
    return "\n--------\n".join(parts) + "\n"


def _texts(messages: Sequence[dict[str, Any]]) -> list[str]:
    """What a person reads of each message; the marks must be right."""
    found = []
    for message in messages:
        text = _Marks().read(message["html"]) if "html" in message else message.get("text", "")
        assert text is not None, message
        found.append(text)
    return found


def _same_as_snapshot(name: str, shown: str) -> None:
    file = SNAPSHOTS / name
    if os.environ.get("UPDATE_SNAPSHOTS"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(shown, encoding="utf-8")
    assert file.is_file(), f"{file} is missing: UPDATE_SNAPSHOTS=1 writes it"
    assert shown == file.read_text(encoding="utf-8")


@EVERY
@pytest.mark.parametrize("name", SAMPLES)
def test_a_block_is_drawn_as_reviewed(channel: str, name: str) -> None:
    draw, _ = CHANNELS[channel]
    _same_as_snapshot(f"{channel}/{name}.txt", _shown(draw([SAMPLES[name]], [])))


@EVERY
def test_a_whole_answer_is_drawn_as_reviewed(channel: str) -> None:
    draw, _ = CHANNELS[channel]
    blocks = [SAMPLES[name] for name in ("procedure", "components", "choices")]
    _same_as_snapshot(f"{channel}/answer.txt", _shown(draw(blocks, SUGGESTIONS)))


def test_every_block_type_has_a_sample() -> None:
    union = get_args(get_args(PublicBlock)[0])
    kinds = {kind.model_fields["type"].default for kind in union}
    assert {block.type for block in SAMPLES.values()} == kinds


def _told(value: Any) -> Iterator[str]:
    """Every text of a block that a person must be able to read."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key not in ("type", "url", "form_url", "date", "level", "state", "id"):
                yield from _told(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _told(inner)
    elif isinstance(value, str):
        yield from (line for line in value.split("\n") if line.strip())


@EVERY
@pytest.mark.parametrize("name", SAMPLES)
def test_every_text_of_a_block_is_shown(channel: str, name: str) -> None:
    draw, _ = CHANNELS[channel]
    messages = draw([SAMPLES[name]], [])
    everything = "\n".join(_texts(messages)) + _shown(messages)
    missing = [text for text in _told(SAMPLES[name].model_dump()) if text not in everything]
    assert missing == []


@EVERY
@pytest.mark.parametrize("size", [1, 1999, 2000, 2001, 4095, 4096, 4097, 30_000])
def test_no_message_is_too_long_and_no_word_is_lost(channel: str, size: int) -> None:
    draw, limit = CHANNELS[channel]
    words = [f"từ{number}" for number in range(size // 5)] or ["t"]
    texts = ["\n\n".join(" ".join(words[at : at + 40]) for at in range(0, len(words), 40)),
             " ".join(words), "\n".join(words), "x" * size]  # fmt: skip
    for text in texts:
        for folded in (False, True):
            block = TextBlock(title="Tiêu đề", text=text, folded=folded)
            messages = draw([block, SAMPLES["procedure"]], SUGGESTIONS)
            read = _texts(messages)
            assert all(0 < utf16(part) <= limit for part in read)
            assert "".join(text.split()) in "".join("".join(read).split())


@EVERY
def test_buttons_hang_on_the_last_part(channel: str) -> None:
    draw, _ = CHANNELS[channel]
    steps = StepsBlock(
        title="Các bước",
        steps=[StepRow(text=f"Bước số {number} " + "chữ " * 100) for number in range(30)],
        source=SAMPLES["steps"].source,  # type: ignore[union-attr]
    )
    messages = draw([steps], SUGGESTIONS)
    assert len(messages) > 2
    assert not any({"buttons", "attachment"} & message.keys() for message in messages[:-1])
    told = _shown(messages[-1:])
    assert "Nộp ở đâu?" in told


def test_a_title_goes_with_what_it_heads() -> None:
    body = Paragraph(((Span("x" * 60),),))
    title = Paragraph(((Span("Tiêu đề", bold=True),),), heads=True)
    parts = split([body, title, body], 80, plain)
    assert [plain_text(part) for part in parts] == ["x" * 60, "Tiêu đề\n" + "x" * 60]


def test_telegram_numbers_long_labels_and_says_them_whole() -> None:
    [message] = telegram.draw([SAMPLES["choices"]], [])
    assert LONG_LABEL in message["html"]
    assert [label[:3] for label, _ in message["buttons"]] == ["1. ", "2. ", "3. "]
    assert all(len(label) <= 60 and len(payload.encode()) <= 64
               for label, payload in message["buttons"])  # fmt: skip


def test_zalo_oa_sends_more_than_five_in_further_messages() -> None:
    options = [option(number, f"Thủ tục {number}") for number in range(12)]
    choices = PublicChoices(text="Bạn chọn:", options=options)
    messages = zalo_oa.draw([choices], options[:7])
    payloads = [message["attachment"]["payload"] for message in messages[1:]]
    sizes = [len(p.get("elements", p.get("buttons", []))) for p in payloads]
    assert sizes == [5, 5, 2, 5, 2]
    assert all(payload.get("elements", [{"subtitle": ""}])[0].keys() >= {"subtitle"}
               for payload in payloads)  # fmt: skip


SPANS = st.builds(
    Span,
    st.text(st.sampled_from("aă 🙂<&\u0301ộ"), min_size=1, max_size=120),
    st.booleans(),
    st.sampled_from(["", "", "https://example.org/a"]),
)
PARAGRAPHS = st.lists(
    st.builds(
        Paragraph,
        st.lists(st.tuples(SPANS, SPANS), min_size=1, max_size=4).map(tuple),
        st.booleans(),
        st.booleans(),
        st.booleans(),
    ),
    min_size=1,
    max_size=8,
)


@given(PARAGRAPHS, st.integers(300, 600))
def test_splitting_keeps_every_character_and_the_limit(
    paragraphs: list[Paragraph], limit: int
) -> None:
    parts = split(paragraphs, limit, plain)
    texts = [plain_text(part) for part in parts]
    assert all(utf16(text) <= limit for text in texts)
    joined = re.sub(r"\s", "", "".join(texts))
    assert joined == re.sub(r"\s", "", plain_text(paragraphs))


@given(PARAGRAPHS)
def test_telegrams_marks_never_straddle_parts(paragraphs: list[Paragraph]) -> None:
    for part in split(paragraphs, 300, telegram._shown):
        html = telegram._html(part)
        read = _Marks().read(html)
        assert read is not None, html
        assert utf16(read) <= 300
