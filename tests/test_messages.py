"""The gateway's text catalogue: nothing missing, nothing left over."""

import re
from pathlib import Path

import yaml

from bot.identity.signing_in import REFUSALS
from bot.messages import message, messages, texts
from knowledge.roles import Role

BOT = Path(__file__).resolve().parents[1] / "bot"
CATALOGUE = yaml.safe_load((BOT / "messages.yml").read_text(encoding="utf-8"))


def _code() -> str:
    files = [
        *BOT.glob("*.py"),
        *BOT.glob("channels/**/*.py"),
        *BOT.glob("channels/templates/*.html"),
        *BOT.glob("identity/*.py"),
        *BOT.glob("identity/templates/*.html"),
    ]
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


def test_every_text_is_used() -> None:
    code = _code()
    for group in ("notice", "contact", "answers", "channels", "linking"):
        for name in texts(group):
            assert f'"{group}.{name}"' in code, name
    for name in texts("commands"):
        assert f'"{name}"' in code, name
    for name in texts("doctor"):
        assert f'"doctor.{name}"' in code or f'"{name.removeprefix("cause_")}"' in code, name
    for name in CATALOGUE["problems"]:
        assert f'"{name}"' in code, name
    for name in texts("identity"):
        by_value = {*Role, "telegram", "zalo_oa", "zalo_bot", *REFUSALS}
        assert name in by_value or re.search(rf'\bi\.{name}\b|"identity\.{name}"', code), name
    for name in texts("page"):
        assert re.search(rf'\bt\.{name}\b|"page\.{name}"', code), name


def test_every_used_text_exists() -> None:
    for key in re.findall(r'message\(\s*"([a-z_.]+)"', _code()):
        found = CATALOGUE
        for part in key.split("."):
            found = found[part]
        assert isinstance(found, str), key
    for name in re.findall(r"\bt\.([a-z_]+)\b", _code()):
        assert name in texts("page"), name


def test_fields_are_filled_in() -> None:
    assert "12 ngày" in message("notice.kept", days=12)
    assert len(messages("suggestions")) == 10
