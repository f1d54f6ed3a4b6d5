"""Telegram's Bot API and the two Zalo APIs as far as we use them, checking what they check.

``faults`` are the next answers to sending, in order; ``delay`` is before each answer.
"""

import asyncio
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

Json = dict[str, Any]
TELEGRAM_TOKEN = "4242:telegram-token-of-the-tests"
ZALO_BOT_TOKEN = "zalo-bot-token-of-the-tests"
FIRST_REFRESH = "refresh-0"


@dataclass
class Sent:
    """One message that a platform took, as it came. ``text`` is what a person reads; ``buttons``
    are (label, payload)."""

    channel: str
    chat: str
    body: Json
    text: str
    buttons: list[tuple[str, str]]


@dataclass
class Fault:
    """One refused request: an HTTP ``status``, or a Zalo ``code`` in a reply of status 200."""

    status: int = 200
    code: int = 0
    retry_after: int = 0


class _Marks(HTMLParser):
    """Text of a message; complains of marks that Telegram does not know or that do not close."""

    def __init__(self) -> None:
        super().__init__()
        self.text, self._open = "", list[str]()
        self.wrong = False

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self._open.append(tag)
        self.wrong |= tag not in ("b", "a", "blockquote")

    def handle_endtag(self, tag: str) -> None:
        self.wrong |= not self._open or self._open.pop() != tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def read(self, html: str) -> str | None:
        self.feed(html)
        self.close()
        return None if self.wrong or self._open else self.text


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


@dataclass
class FakePlatforms:
    """What was sent, and how the platforms behave."""

    url: str = ""
    sent: list[Sent] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    delay: float = 0.0
    callbacks: list[str] = field(default_factory=list)
    calls: list[tuple[str, Json]] = field(default_factory=list)
    webhook_info: Json = field(default_factory=dict)
    updates: list[Json] = field(default_factory=list)
    refresh_tokens: list[str] = field(default_factory=lambda: [FIRST_REFRESH])
    access_tokens: list[str] = field(default_factory=list)
    refuse_marks: bool = False

    def settings(self) -> dict[str, str]:
        """Settings of an app whose channels are all connected here."""
        return {
            "telegram_token": TELEGRAM_TOKEN,
            "telegram_secret": "telegram-secret-of-the-tests",
            "telegram_api_url": f"{self.url}/telegram",
            "zalo_oa_app_id": "360846524940903967",
            "zalo_oa_app_secret": "app-secret-of-the-tests",
            "zalo_oa_secret": "oa-secret-of-the-tests",
            "zalo_oa_refresh_token": FIRST_REFRESH,
            "zalo_oa_api_url": f"{self.url}/zalo",
            "zalo_oa_oauth_url": f"{self.url}/zalo",
            "zalo_bot_token": ZALO_BOT_TOKEN,
            "zalo_bot_secret": "zalo-bot-secret-of-the-tests",
            "zalo_bot_api_url": f"{self.url}/zalobot",
        }

    def to(self, chat: str) -> list[Sent]:
        """What was sent to one chat."""
        return [sent for sent in self.sent if sent.chat == chat]

    def _fault(self) -> Fault | None:
        return self.faults.pop(0) if self.faults else None

    async def telegram(self, token: str, method: str, request: Request) -> Response:
        await asyncio.sleep(self.delay)
        given = [*request.query_params.items(), *(await request.form()).items()]
        form = {key: str(value) for key, value in given}
        self.calls.append((method, form))
        if token != TELEGRAM_TOKEN:
            return _telegram_error(401, "Unauthorized")
        if method == "sendMessage":
            return self._telegram_message(form)
        if method == "answerCallbackQuery":
            self.callbacks.append(form["callback_query_id"])
        if method == "setWebhook":
            self.webhook_info["url"] = form["url"]
        results: Json = {
            "getMe": {"id": 4242, "is_bot": True, "first_name": "Bot", "username": "LangSonBot"},
            "getWebhookInfo": {
                "url": "", "has_custom_certificate": False, "pending_update_count": 0,
            } | self.webhook_info,
            "getUpdates": [
                row for row in self.updates if row["update_id"] >= int(form.get("offset", 0))
            ],
        }  # fmt: skip
        if method == "getUpdates" and not results["getUpdates"]:
            await asyncio.sleep(0.05)
        return JSONResponse({"ok": True, "result": results.get(method, True)})

    def _telegram_message(self, form: Json) -> Response:
        if fault := self._fault():
            return _telegram_error(fault.status, "fault", fault.retry_after)
        marked = form.get("parse_mode") == "HTML"
        text = _Marks().read(form["text"]) if marked else form["text"]
        if text is None or (marked and self.refuse_marks):
            return _telegram_error(400, "Bad Request: can't parse entities: odd tag")
        if not text.strip() or utf16(text) > 4096:
            return _telegram_error(400, "Bad Request: message is empty or too long")
        keyboard = json.loads(form.get("reply_markup", "{}")).get("inline_keyboard", [])
        buttons = [(row[0]["text"], row[0]["callback_data"]) for row in keyboard]
        if any(not 0 < len(data.encode()) <= 64 for _, data in buttons):
            return _telegram_error(400, "Bad Request: BUTTON_DATA_INVALID")
        self.sent.append(Sent("telegram", form["chat_id"], form, text, buttons))
        chat = {"id": int(form["chat_id"]), "type": "private"}
        return JSONResponse({"ok": True, "result": {"message_id": 1, "date": 1, "chat": chat}})

    async def zalo_oa(self, request: Request) -> Response:
        await asyncio.sleep(self.delay)
        body = await request.json()
        if fault := self._fault():
            return JSONResponse({"error": fault.code, "message": "fault"}, fault.status)
        if request.headers.get("access_token") not in self.access_tokens[-1:]:
            return JSONResponse({"error": -216, "message": "Access token is invalid"})
        message = body["message"]
        payload = message.get("attachment", {}).get("payload", {})
        elements, buttons = payload.get("elements", []), payload.get("buttons", [])
        told = message.get("text", "")
        if utf16(told) > 2000 or not (told or elements):
            return JSONResponse({"error": -210, "message": "length"})
        if len(buttons) > 5 or len(elements) > 5 or (elements and "subtitle" not in elements[0]):
            return JSONResponse({"error": -201, "message": "parameters"})
        if any(len(row["title"]) > 100 for row in buttons + elements):
            return JSONResponse({"error": -201, "message": "title"})
        actions = [(row["title"], row["payload"]) for row in buttons]
        actions += [(row["title"], row["default_action"]["payload"]) for row in elements]
        told += "".join(f"\n{row['title']} {row.get('subtitle', '')}" for row in elements)
        chat = body["recipient"]["user_id"]
        self.sent.append(Sent("zalo_oa", chat, message, told, actions))
        return JSONResponse({"error": 0, "message": "Success", "data": {"message_id": "m"}})

    async def zalo_token(self, request: Request) -> Response:
        await asyncio.sleep(self.delay)
        form = await request.form()
        self.calls.append(("access_token", {key: str(value) for key, value in form.items()}))
        if request.headers.get("secret_key") != "app-secret-of-the-tests":
            return JSONResponse({"error": -14004, "error_name": "Invalid secret key"})
        if form["refresh_token"] != self.refresh_tokens[-1]:
            return JSONResponse({"error": -14020, "error_name": "Invalid refresh token"})
        number = len(self.refresh_tokens)
        self.refresh_tokens.append(f"refresh-{number}")
        self.access_tokens.append(f"access-{number}")
        return JSONResponse(
            {
                "access_token": f"access-{number}",
                "refresh_token": f"refresh-{number}",
                "expires_in": "90000",
            }
        )

    async def zalo_bot(self, token: str, method: str, request: Request) -> Response:
        await asyncio.sleep(self.delay)
        body = await request.json()
        self.calls.append((method, body))
        if token != ZALO_BOT_TOKEN:
            return JSONResponse({"ok": False, "error_code": 401, "description": "Unauthorized"})
        if method == "setWebhook":
            self.webhook_info["url"] = body["url"]
        if method == "sendMessage":
            if fault := self._fault():
                code = fault.code or fault.status
                return JSONResponse({"ok": False, "error_code": code, "description": "fault"})
            if not 0 < utf16(body["text"]) <= 2000:
                return JSONResponse({"ok": False, "error_code": 400, "description": "length"})
            self.sent.append(Sent("zalo_bot", body["chat_id"], body, body["text"], []))
        results: Json = {
            "getMe": {"id": "1", "account_name": "bot.LangSon"},
            "getWebhookInfo": {"url": ""} | self.webhook_info,
        }
        return JSONResponse({"ok": True, "result": results.get(method, {})})

    def app(self) -> FastAPI:
        app = FastAPI()
        app.post("/telegram/bot{token}/{method}")(self.telegram)
        app.post("/zalo/v3.0/oa/message/cs")(self.zalo_oa)
        app.post("/zalo/v4/oa/access_token")(self.zalo_token)
        app.post("/zalobot/bot{token}/{method}")(self.zalo_bot)
        return app


def _telegram_error(status: int, description: str, retry_after: int = 0) -> Response:
    body: Json = {"ok": False, "error_code": status, "description": description}
    if retry_after:
        body["parameters"] = {"retry_after": retry_after}
    return JSONResponse(body, status)


@contextmanager
def in_thread(platforms: FakePlatforms) -> Iterator[FakePlatforms]:
    """Serves the platforms in a thread of their own, on a free port."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(platforms.app(), log_config=None, ws="none", lifespan="off")
    )
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    platforms.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    try:
        yield platforms
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
