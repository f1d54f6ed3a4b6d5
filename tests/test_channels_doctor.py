"""``assistant channels``: what an operator types, and the causes they read."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_channels import FakePlatforms, in_thread
from typer.testing import CliRunner, Result

from bot.channels.doctor import cause
from bot.cli import app
from bot.settings import Settings

URL = "https://tro-ly.example.vn"


@pytest.fixture
def platforms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakePlatforms]:
    with in_thread(FakePlatforms()) as running:
        values = running.settings() | {
            "public_url": URL,
            "conversations_url": f"sqlite:///{tmp_path}/conversations.db",
            "var_dir": str(tmp_path),
        }
        for name, value in values.items():
            monkeypatch.setenv(f"ASSISTANT_{name.upper()}", value)
        monkeypatch.setenv("COLUMNS", "400")
        yield running


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["channels", *arguments])


def _told(result: Result) -> str:
    return " ".join(f"{result.output} {result.exception or ''}".split())


def test_registering_tells_telegram_address_secret_and_menu(platforms: FakePlatforms) -> None:
    assert f"{URL}/channels/telegram" in _told(_run("register", "telegram"))
    [(_, webhook), (_, menu)] = platforms.calls
    assert webhook["url"] == f"{URL}/channels/telegram"
    assert webhook["secret_token"] == "telegram-secret-of-the-tests"
    assert json.loads(webhook["allowed_updates"]) == ["message", "callback_query"]
    names = [row["command"] for row in json.loads(menu["commands"])]
    assert names == ["start", "help", "trangthai", "xoa"]


def test_registering_zalo(platforms: FakePlatforms) -> None:
    assert f"{URL}/channels/zalo-bot" in _told(_run("register", "zalo-bot"))
    assert platforms.calls[-1][1]["secret_token"] == "zalo-bot-secret-of-the-tests"
    assert f"nhập địa chỉ {URL}/channels/zalo-oa" in _told(_run("register", "zalo-oa"))
    assert "choose one of" in _told(_run("register", "viber"))


def test_the_doctor_is_content_when_all_is_well(platforms: FakePlatforms) -> None:
    _run("register", "telegram")
    platforms.webhook_info |= {"pending_update_count": 3}
    told = _told(_run("doctor"))
    assert "3 tin đang chờ" in told
    assert "lấy được access token" in told
    assert "zalo-bot │ broken" in told  # registered for Telegram alone


TROUBLES = [
    ("SSL error {certificate verify failed}", "chứng chỉ TLS"),
    ("Wrong response from the webhook: 401 Unauthorized", "mật khẩu webhook không khớp"),
    ("Wrong response from the webhook: 404 Not Found", "địa chỉ không dẫn đến trợ lý"),
    ("Wrong response from the webhook: 503 Service Unavailable", "cơ sở dữ liệu"),
    ("Failed to resolve host: Name or service not known", "DNS"),
    ("Connection refused", "không trả lời"),
    ("Read timeout expired", "không trả lời"),
    ("Something else", "xem nhật ký"),
]


@pytest.mark.parametrize(("error", "meant"), TROUBLES)
def test_the_doctor_says_the_cause_of_a_failed_delivery(
    platforms: FakePlatforms, error: str, meant: str
) -> None:
    platforms.webhook_info = {
        "url": f"{URL}/channels/telegram",
        "last_error_message": error,
        "last_error_date": 1_790_000_000,
        "pending_update_count": 9,
    }
    result = _run("doctor")
    assert result.exit_code == 1
    assert error in _told(result) and meant in _told(result)
    assert meant in cause(error, "telegram")


@pytest.mark.parametrize(
    ("setting", "value", "meant"),
    [
        ("TELEGRAM_TOKEN", "1:wrong", "bị từ chối: kiểm tra ASSISTANT_TELEGRAM_TOKEN"),
        ("TELEGRAM_SECRET", "", "thiếu ASSISTANT_TELEGRAM_SECRET"),
        ("TELEGRAM_API_URL", "http://127.0.0.1:9", "không kết nối được"),
        ("PUBLIC_URL", "", "chưa đặt ASSISTANT_PUBLIC_URL"),
        ("ZALO_OA_REFRESH_TOKEN", "spent", "refresh token đã bị dùng"),
        ("ZALO_OA_APP_SECRET", "wrong", "-14004"),
        ("ZALO_BOT_TOKEN", "wrong", "bị từ chối: kiểm tra ASSISTANT_ZALO_BOT_TOKEN"),
        ("ZALO_BOT_SECRET", "short", "thiếu ASSISTANT_ZALO_BOT_SECRET"),
    ],
)
def test_the_doctor_says_which_setting_is_wrong(
    platforms: FakePlatforms,
    monkeypatch: pytest.MonkeyPatch,
    setting: str,
    value: str,
    meant: str,
) -> None:
    monkeypatch.setenv(f"ASSISTANT_{setting}", value)
    result = _run("doctor")
    assert result.exit_code == 1
    assert meant in _told(result)
    assert "Traceback" not in result.output


def test_a_webhook_of_another_address_or_none_is_said(platforms: FakePlatforms) -> None:
    platforms.webhook_info = {"url": "https://cu.example.vn/x"}
    assert "không phải https://tro-ly.example.vn/channels/telegram" in _told(_run("doctor"))
    platforms.webhook_info = {}
    assert "chạy `assistant channels register telegram`" in _told(_run("doctor"))


def test_channels_nobody_connected_are_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("ASSISTANT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "400")
    result = _run("doctor")
    assert result.exit_code == 0, _told(result)
    assert "chưa khai báo: đặt ASSISTANT_TELEGRAM_TOKEN" in _told(result)


def test_long_polling_is_switched_on_by_its_word(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[bool] = []

    def run(settings: Settings) -> int:
        started.append(settings.telegram_polling)
        return 0

    monkeypatch.setattr("bot.supervisor.run", run)
    monkeypatch.setenv("ASSISTANT_TELEGRAM_POLLING", "false")
    for words in (["run"], ["run", "--telegram-polling"]):
        assert CliRunner().invoke(app, words).exit_code == 0
    assert started == [False, True]
