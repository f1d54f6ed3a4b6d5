"""The same conversations on the web, in Telegram, Zalo OA and Zalo Bot, through the real engine."""

import re
import sqlite3
import time
from pathlib import Path
from typing import Any, Protocol

import httpx
import pytest
import yaml
from assistant_fixture import Assistant
from fake_channels import FakePlatforms
from messengers import PEOPLE, Delivery, Messenger

CONVERSATIONS = yaml.safe_load(
    (Path(__file__).parent / "channel_conversations.yml").read_text("utf-8")
)
WAIT_SECONDS = 30.0

Buttons = list[tuple[str, str]]
"""(label, payload)"""


class Talker(Protocol):
    """A person in some channel: what they read, and the buttons they see."""

    def say(self, text: str) -> tuple[str, Buttons]: ...

    def press(self, payload: str) -> tuple[str, Buttons]: ...


class Web:
    def __init__(self, assistant: Assistant) -> None:
        self._talk = assistant.talk()
        self._notice = self._talk.notice

    def say(self, text: str) -> tuple[str, Buttons]:
        return self._read(self._talk.say(text))

    def press(self, payload: str) -> tuple[str, Buttons]:
        return self._read(self._talk.choose(payload))

    def _read(self, reply: dict[str, Any]) -> tuple[str, Buttons]:
        options = [o for block in reply["blocks"] for o in block.get("options", ())]
        buttons = [(o["label"], o["id"]) for o in [*options, *reply["suggestions"]]]
        told, self._notice = f"{self._notice}\n{reply['blocks']}", ""
        return told, buttons


class Chat:
    def __init__(self, assistant: Assistant, platforms: FakePlatforms, person: Messenger) -> None:
        self._assistant = assistant
        self._platforms = platforms
        self._person = person

    def say(self, text: str) -> tuple[str, Buttons]:
        return self._exchange(self._person.text(text))

    def press(self, payload: str) -> tuple[str, Buttons]:
        return self._exchange(self._person.press(payload))

    def _exchange(self, delivery: Delivery) -> tuple[str, Buttons]:
        before = len(self._platforms.to(self._person.chat))
        url = f"{self._assistant.url}{delivery.path}"
        accepted = httpx.post(url, content=delivery.body, headers=delivery.headers)
        assert accepted.json() == {"status": "accepted"}
        self._wait()
        sent = self._platforms.to(self._person.chat)[before:]
        told = "\n".join(message.text for message in sent)
        buttons = [button for message in sent for button in message.buttons]
        numbered = re.findall(r"^(\d+)\. (.+)$", told, re.M)
        return told, buttons or [(label, number) for number, label in numbered]

    def _wait(self) -> None:
        until = time.monotonic() + WAIT_SECONDS
        with sqlite3.connect(self._assistant.var / "conversations.db") as db:
            query = "SELECT count(*) FROM channel_updates WHERE done_at IS NULL"
            while db.execute(query).fetchone() != (0,):
                assert time.monotonic() < until, "no answer"
                time.sleep(0.02)


def _talker(channel: str, assistant: Assistant, platforms: FakePlatforms) -> Talker:
    if channel == "web":
        return Web(assistant)
    return Chat(assistant, platforms, PEOPLE[channel](platforms.settings()))


@pytest.mark.parametrize("channel", ["web", *PEOPLE])
@pytest.mark.parametrize("conversation", CONVERSATIONS, ids=lambda c: c["name"])
def test_a_conversation_is_the_same_in_every_channel(
    assistant: Assistant, platforms: FakePlatforms, conversation: dict[str, Any], channel: str
) -> None:
    person = _talker(channel, assistant, platforms)
    buttons: Buttons = []
    for turn in conversation["turns"]:
        if "choose" in turn:
            payload = next(payload for label, payload in buttons if turn["choose"] in label)
            told, buttons = person.press(payload)
        else:
            told, buttons = person.say(turn["say"])
        assert told.strip(), turn
        for text in turn.get("contains", ()):
            assert text in told, turn
        for text in turn.get("lacks", ()):
            assert text not in told, turn
        for label in turn.get("offers", ()):
            assert any(label in shown for shown, _ in buttons), (turn, buttons)
