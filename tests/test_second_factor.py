"""The second factor through the real stack: asked for, checked by the system, kept nowhere."""

import contextlib
import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.cli.conversation import Talk
from bot.settings import Settings
from bot.supervisor import free_port, started
from connectors.dossier import TIMEZONE
from connectors.sandbox.dossiers import made_dossiers
from knowledge.service import Knowledge

CODE, OTHER, ABSENT = "H37.12-260601-0004", "H37.12-260601-0005", "H37.12-260602-0004"
RIGHT, WRONG, SHORT = "0004", "7391", "684"
"""The sandbox's identity and phone numbers end in the dossier's number."""


@dataclass
class Guarded:
    """An assistant that wants a second factor; ``var``: the folder it writes into."""

    url: str
    var: Path

    @contextlib.contextmanager
    def talk(self) -> Iterator[Talk]:
        with contextlib.closing(Talk(self.url)) as talk:
            yield talk

    def written(self) -> bytes:
        """Everything it wrote: databases with their write-ahead logs, and its logs."""
        files = [path for path in self.var.rglob("*") if path.is_file()]
        assert {"conversations.db", "trackers.db"} <= {path.name for path in files}
        return b"".join(path.read_bytes() for path in files)


@pytest.fixture(scope="module")
def guarded(
    tmp_path_factory: pytest.TempPathFactory,
    cache_dir: Path,
    engine_model: Path,
    shipped_database: str,
    knowledge: Knowledge,
) -> Iterator[Guarded]:
    var = tmp_path_factory.mktemp("guarded")
    given = {
        "cache_dir": cache_dir,
        "var_dir": var,
        "database_url": shipped_database,
        "conversations_url": f"sqlite:///{var / 'conversations.db'}",
        "dossier_second_factor": True,
    }
    settings = Settings(port=free_port(), **given)
    with pytest.MonkeyPatch.context() as environment:
        for name, value in given.items():
            environment.setenv(f"ASSISTANT_{name.upper()}", str(value))
        environment.setenv("ASSISTANT_TRACKER_DB", f"sqlite:///{var / 'trackers.db'}")
        with started(settings):
            yield Guarded(f"http://127.0.0.1:{settings.port}", var)


def told(reply: dict[str, Any]) -> tuple[str, str]:
    """Outcome, and all that is said without the code."""
    return reply["outcome"], str(reply["blocks"]).replace(CODE, "CODE").replace(ABSENT, "CODE")


def test_the_sandbox_s_numbers_end_as_the_tests_think() -> None:
    dossiers = made_dossiers(dt.datetime.now(TIMEZONE).date())
    assert dossiers[CODE].identity.endswith(RIGHT) and dossiers[CODE].phone.endswith(RIGHT)
    assert ABSENT not in dossiers


def test_a_dossier_is_shown_after_the_right_digits_alone(guarded: Guarded) -> None:
    with guarded.talk() as talk:
        asked = talk.say(f"hồ sơ {CODE} đến đâu rồi")
        assert asked["outcome"] == "form_asked"
        assert "4 chữ số cuối" in str(asked["blocks"]) and "Đang giải quyết" not in str(asked)
        found = talk.say(RIGHT)
        assert found["outcome"] == "dossier_found" and "Đang giải quyết" in str(found["blocks"])


def test_digits_may_be_spaced_and_stand_in_a_sentence(guarded: Guarded) -> None:
    with guarded.talk() as talk:
        talk.say(CODE)
        assert talk.say("số cuối là 00 04 ạ")["outcome"] == "dossier_found"


def test_wrong_digits_and_no_such_dossier_are_the_same_words(guarded: Guarded) -> None:
    replies = []
    for code in (CODE, ABSENT):
        with guarded.talk() as talk:
            asked, answered = talk.say(code), talk.say(WRONG)
            replies.append((told(asked), told(answered)))
    assert replies[0] == replies[1]
    assert replies[0][1][0] == "dossier_not_found"


def test_another_question_in_between_is_answered_and_the_digits_still_wait(
    guarded: Guarded,
) -> None:
    with guarded.talk() as talk:
        talk.say(CODE)
        between = talk.say("đăng ký kết hôn cần giấy tờ gì")
        assert between["outcome"] == "answered"
        assert talk.say(RIGHT)["outcome"] == "dossier_found"


def test_too_few_digits_are_asked_for_again(guarded: Guarded) -> None:
    with guarded.talk() as talk:
        talk.say(CODE)
        assert talk.say(SHORT)["outcome"] == "form_asked"
        assert talk.say(RIGHT)["outcome"] == "dossier_found"


def test_the_dossier_of_before_asks_for_the_digits_again(guarded: Guarded) -> None:
    with guarded.talk() as talk:
        talk.say(CODE)
        talk.say(RIGHT)
        assert talk.say("hồ sơ đó sao rồi")["outcome"] == "form_asked"


def test_another_code_instead_of_digits_is_asked_for_in_its_turn(guarded: Guarded) -> None:
    with guarded.talk() as talk:
        talk.say(CODE)
        assert talk.say(OTHER)["outcome"] == "form_asked"
        found = talk.say("0005")
        assert found["outcome"] == "dossier_found" and OTHER in str(found["blocks"])


def test_who_gives_up_is_let_go(guarded: Guarded) -> None:
    with guarded.talk() as talk:
        talk.say(CODE)
        assert talk.say("thôi")["outcome"] == "small_talk"
        assert talk.say("đăng ký tạm trú mất bao lâu")["outcome"] == "answered"


def test_guessing_digits_is_stopped(guarded: Guarded) -> None:
    outcomes = []
    with guarded.talk() as talk:
        for digits in ("9001", "9002", "9003", "9004", "9005"):
            talk.say(OTHER)
            outcomes.append(talk.say(digits)["outcome"])
        outcomes.append(talk.say(OTHER)["outcome"])
        outcomes.append(talk.say("0005")["outcome"])
    assert outcomes == ["dossier_not_found"] * 5 + ["rate_limited"] * 2


def test_digits_stand_neither_in_a_database_nor_in_a_log(guarded: Guarded) -> None:
    """Asked for or not, and while the talk goes on."""
    with guarded.talk() as talk:
        talk.say(CODE)
        talk.say("8642")
        while_talking = guarded.written()
        talk.say("8642")
        talk.say(CODE)
        talk.say("cuối là 8 6 4 2 nhé")
        talk.say("684")
        talk.say("thôi")
    for digits in ("8642", "8 6 4 2", WRONG, "9003"):
        alone = re.compile(rf"(?<![\w.]){digits}(?!\w)".encode())  # no part of a time or an id
        assert not alone.search(while_talking)
        assert not alone.search(guarded.written())
