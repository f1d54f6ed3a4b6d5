"""Asking for dossiers in a talk through the real stack: found, wrong, unknown, down, recovered."""

import json
import time
from typing import Any

import httpx
import pytest
from assistant_fixture import Assistant
from typer.testing import CliRunner

from bot.cli import app as cli
from bot.processes import Part
from bot.supervisor import START_SECONDS
from connectors.registry import FAILURES_TO_OPEN, OPEN_SECONDS

PROCESSING, SUPPLEMENT, FINISHED = (f"H37.12-260601-000{n}" for n in (4, 5, 9))
NEAR_MISSES = [
    "H37.12-260601-04",
    "L37.12-260601-0004",
    "H37.12-261301-0004",
    "ho so H37.12-290601-0004 sao roi",
    "h37.12 260601 00000004",
    "3706/2026/07906",
]


def blocks(reply: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [block for block in reply["blocks"] if block["type"] == kind]


def test_a_dossier_is_found_and_remembered(assistant: Assistant) -> None:
    talk = assistant.talk()
    first = talk.say(f"cho tôi hỏi hồ sơ {PROCESSING} đến đâu rồi ạ")
    again = talk.say("hồ sơ đó sao rồi")
    for reply in (first, again):
        assert reply["outcome"] == "dossier_found"
        assert [card["code"] for card in blocks(reply, "dossier")] == [PROCESSING]


def test_several_codes_of_two_systems_are_answered_at_once(assistant: Assistant) -> None:
    reply = assistant.talk().say(f"{FINISHED}, {SUPPLEMENT} và h37.12 260601 0004")
    codes = [card["code"] for card in blocks(reply, "dossier")]
    assert codes == [FINISHED, SUPPLEMENT, PROCESSING]


@pytest.mark.parametrize("text", NEAR_MISSES)
def test_near_misses_of_a_code_are_told_what_is_wrong(assistant: Assistant, text: str) -> None:
    reply = assistant.talk().say(text)
    assert reply["outcome"] == "dossier_code_invalid", reply
    assert "Mã" in blocks(reply, "notice")[0]["text"] or "mã" in str(reply["blocks"])


@pytest.mark.parametrize("text", ["{}", "{} ?", "tra {}", "mã {}", "tình trạng {}", "kiểm tra {}"])
def test_a_code_with_hardly_a_word_is_enough(assistant: Assistant, text: str) -> None:
    assert assistant.talk().say(text.format(FINISHED))["outcome"] == "dossier_found"


def test_an_unknown_code_is_not_found(assistant: Assistant) -> None:
    reply = assistant.talk().say("H37.12-260603-0004")
    assert reply["outcome"] == "dossier_not_found" and blocks(reply, "contact")


def _sandbox(assistant: Assistant) -> Part:
    return next(part for part in assistant.parts if part.name == "sandbox")


def _gauge(assistant: Assistant) -> str:
    text = httpx.get(f"{assistant.url}/metrics", trust_env=False).text
    return next(line for line in text.splitlines() if 'up{system="sandbox"}' in line)


def test_a_system_that_is_down_is_said_and_other_questions_go_on(assistant: Assistant) -> None:
    """And it is asked again by itself when it is back."""
    box = _sandbox(assistant)
    box.stop()
    try:
        talk = assistant.talk()
        for number in range(FAILURES_TO_OPEN):
            down = talk.say(f"hồ sơ H37.12-260604-000{number} đến đâu rồi")
        assert down["outcome"] == "dossier_system_unavailable"
        assert "gián đoạn" in str(blocks(down, "notice")) and blocks(down, "contact")
        assert talk.say("đăng ký tạm trú cần giấy tờ gì")["outcome"] == "answered"
        health = assistant.health()
        assert health["parts"]["dossiers"]["details"]["sandbox"] == "open"
        assert health["status"] == "degraded"
        assert _gauge(assistant).endswith(" 0.0")
    finally:
        box.start()
        assert box.wait_until_it_answers(START_SECONDS), box.last_words()
    deadline = time.monotonic() + OPEN_SECONDS + 10
    while (back := talk.say("H37.12-260605-0001"))["outcome"] != "dossier_not_found":
        assert time.monotonic() < deadline, back
        time.sleep(1)
    assert talk.say(PROCESSING)["outcome"] == "dossier_found"
    assert _gauge(assistant).endswith(" 1.0")


def _run(assistant: Assistant, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> Any:
    host, port = assistant.url.removeprefix("http://").split(":")
    monkeypatch.setenv("ASSISTANT_HOST", host)
    monkeypatch.setenv("ASSISTANT_PORT", port)
    return CliRunner().invoke(cli, ["dossier", *arguments])


def test_the_command_prints_what_a_person_is_told(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = _run(assistant, monkeypatch, "h37.12 260601 0009")
    assert told.exit_code == 0 and FINISHED in told.output and "Đã có kết quả" in told.output
    reply = json.loads(_run(assistant, monkeypatch, FINISHED, "--json").output)
    assert reply["outcome"] == "dossier_found"


def test_the_command_takes_codes_alone(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = _run(assistant, monkeypatch, "hello")
    assert refused.exit_code == 1 and "no dossier code" in str(refused.exception)
