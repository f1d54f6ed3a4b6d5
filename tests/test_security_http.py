"""What a hostile request gets: headers, hosts, paths, methods, bodies, forms of other sites."""

import itertools
import urllib.parse
from pathlib import Path
from typing import Any

import pytest
from gateway import Gateway, running
from sign_in import account, field_of
from test_sign_in import browser

from bot.conversations import StoreUnavailable
from bot.middleware import MAX_BODY

pytestmark = pytest.mark.asyncio
PAGES = ["/", "/chat", "/chat/search?q=khai+sinh", "/chat/procedures/1.001193", "/sign-in"]
ANSWERS = [*PAGES, "/widget.js", "/chat.css", "/api/v1/procedures?q=khai", "/healthz", "/nowhere"]


async def ask(gateway: Gateway, method: str, path: str, headers: dict[str, str]) -> tuple[int, str]:
    """Status and body of a request whose path and headers no client library has tidied."""
    target, _, query = path.partition("?")
    scope: dict[str, Any] = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method,
        "scheme": "http", "path": target, "raw_path": target.encode("utf-8", "surrogatepass"),
        "query_string": query.encode("latin-1"), "root_path": "", "server": ("127.0.0.1", 80),
        "client": ("203.0.113.7", 4711),
        "headers": [(name.lower().encode(), value.encode("latin-1"))
                    for name, value in headers.items()],
    }  # fmt: skip
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await gateway.app(scope, receive, send)
    body = b"".join(message.get("body", b"") for message in sent[1:])
    return sent[0]["status"], body.decode("utf-8", "replace")


async def test_no_page_may_be_framed_sniffed_or_run_foreign_script(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway, browser(gateway) as client:
        for path in ANSWERS:
            headers = (await client.get(path)).headers
            policy = headers["content-security-policy"]
            assert "frame-ancestors 'none'" in policy, path
            assert not {"*", "'unsafe-inline'", "'unsafe-eval'"} & set(policy.split()), path
            assert headers["x-frame-options"] == "DENY"
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["cross-origin-opener-policy"] == "same-origin"


async def test_only_the_widgets_files_may_be_loaded_by_another_site(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway:
        for path in ANSWERS:
            shared = (await gateway.client.get(path)).headers["cross-origin-resource-policy"]
            files = ("/", "/widget.js", "/chat.css")
            assert shared == ("cross-origin" if path in files else "same-origin"), path


async def test_a_page_sends_its_forms_to_this_site_only(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway, browser(gateway) as client:
        for path in PAGES:
            policy = (await client.get(path)).headers["content-security-policy"]
            assert "form-action 'self'" in policy and "base-uri 'none'" in policy, path


async def test_https_is_remembered_where_it_is_spoken(tmp_path: Path) -> None:
    name = "strict-transport-security"
    async with running(tmp_path / "a") as gateway, browser(gateway) as over_tls:
        for path in ANSWERS:
            assert int((await over_tls.get(path)).headers[name].removeprefix("max-age=")) > 10**7
            assert name not in (await gateway.client.get(path)).headers
    said = {"X-Forwarded-Proto": "https"}
    async with running(tmp_path / "b", trusted_proxies="127.0.0.1") as behind:
        assert name in (await behind.client.get("/chat", headers=said)).headers
    async with running(tmp_path / "c") as alone:
        assert name not in (await alone.client.get("/chat", headers=said)).headers


async def test_no_cookie_is_left_to_scripts_or_other_sites(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway, browser(gateway) as client:
        who = await account(gateway.services.identity)
        form = field_of((first := await client.get("/sign-in")).text)
        signed = {"form": form, "name": who.name, "password": "sai", "code": "0"}
        answers = [
            first,
            await client.post("/sign-in", data=signed),
            await client.post("/chat", data={"text": "khai sinh"}),
        ]
        cookies = [one for answer in answers for one in answer.headers.get_list("set-cookie")]
    assert len(cookies) >= 3
    for cookie in cookies:
        told = cookie.lower()
        assert "httponly" in told and "samesite=lax" in told and "secure" in told, cookie
        assert "domain=" not in told


FOREIGN = [
    {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
    {"Origin": "https://evil.example"}, {"Origin": "null"},
    {"Origin": "https://assistant.test.evil.example"}, {"Origin": "https://assistant.test:444"},
]  # fmt: skip


FORMS_OF_OURS = ["/chat", "/chat/new", "/chat/erase", "/sign-in", "/sign-out", "/account/code"]


async def test_no_form_is_taken_from_another_site(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway, browser(gateway) as client:
        form = field_of((await client.get("/sign-in")).text)
        for path, headers in itertools.product(FORMS_OF_OURS, FOREIGN):
            data = {"form": form, "text": "câu"}
            answered = await client.post(path, data=data, headers=headers)
            # Without a session, what needs one leads to the sign-in page.
            led_away = answered.headers.get("location") == "/sign-in"
            assert answered.status_code == 403 or led_away, (path, headers)
    assert gateway.engine.seen == []


OUTSIDE = [
    "/../pyproject.toml", "/widget.js/../../settings.py", "/..%2f..%2fpyproject.toml",
    "/%2e%2e/%2e%2e/etc/passwd", "/chat/procedures/..%2f..%2fetc%2fpasswd", "//etc/passwd",
    "/chat/procedures/../../../etc/passwd", "/widget/assistant.js", "/messages.yml", "/.git/config",
    "/chat/../var/token-secret", "/api/v1/procedures/%00", "/api/v1/procedures/..\\..\\x",
    "/C:/windows/win.ini", "/static/../bot/settings.py", "/file:///etc/passwd", "/var/token-secret",
]  # fmt: skip


async def test_no_path_leads_to_a_file(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway:
        (tmp_path / "token-secret").write_text("bí mật", "utf-8")
        unquoted = [urllib.parse.unquote(path) for path in OUTSIDE]
        for path in [*OUTSIDE, *unquoted]:
            status, body = await ask(gateway, "GET", path, {"Host": "assistant.test"})
            assert status == 404, path
            for secret in ("root:", "bí mật", "[project]", "BaseSettings"):
                assert secret not in body, path


METHODS = ["PUT", "PATCH", "TRACE", "CONNECT", "PROPFIND", "get", "POST ", "X"]


async def test_a_method_that_is_not_offered_does_nothing(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway:
        talk = await gateway.begin()
        paths = (talk.path, f"{talk.path}/messages", "/chat/erase", "/api/v1/procedures")
        for method, path in itertools.product(METHODS, paths):
            headers = {"Host": "assistant.test", **talk.headers}
            status, body = await ask(gateway, method, path, headers)
            assert status == 405, (method, path)
            assert "urn:assistant:problem:method_not_allowed" in body
        assert await talk.history() == []


async def test_no_header_or_field_changes_the_method(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway:
        talk = await gateway.begin()
        await talk.send(text="câu")
        for name in ("X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"):
            headers = talk.headers | {name: "DELETE"}
            assert (await gateway.client.post(talk.path, headers=headers)).status_code == 405
        await gateway.client.post(f"{talk.path}/messages?_method=DELETE", headers=talk.headers)
        assert len(await talk.history()) == 1


HOSTS = [
    "evil.example", "evil.example:99999", "assistant.test@evil.example", "[::1", "a b", "",
    "evil.example/..", '"><script>alert(1)</script>', "evil.example\\@x", "x" * 5000, "\xff\xfe",
]  # fmt: skip


async def test_a_foreign_host_name_breaks_nothing_and_becomes_no_markup(tmp_path: Path) -> None:
    paths = ("/", "/chat", "/chat/search?q=khai", "/sign-in", "/api/v1/procedures?q=khai")
    async with running(tmp_path) as gateway:
        for host, path in itertools.product(HOSTS, paths):
            status, body = await ask(gateway, "GET", path, {"Host": host})
            assert status < 500, (host, path)
            assert "<script>alert" not in body


async def test_where_the_address_is_known_no_host_name_gets_into_an_answer(tmp_path: Path) -> None:
    site = "https://tro-ly.example.gov.vn"
    async with running(tmp_path, public_url=site) as gateway:
        gateway.engine.status = 500  # the answer of a broken engine leads to our own search
        talk = await gateway.begin()
        for host in HOSTS[:3]:
            told = {"Host": host}
            path, headers = f"{talk.path}/messages", talk.headers | told
            answered = await gateway.client.post(path, json={"text": "câu"}, headers=headers)
            await gateway.client.post("/chat", data={"text": "câu"}, headers=told)
            page = await gateway.client.get("/chat", headers=told)
            for text in (answered.text, page.text):
                assert f"{site}/chat/search" in text and "evil" not in text, host


BODIES = [
    ("application/json", b'{"text": "' + b"a" * MAX_BODY + b'"}', 413),
    ("application/json", b"[" * 60_000, 422),
    ("application/json", b'{"text":' * 7000, 422),
    ("application/json", b'{"text": 1e400}', 422),
    ("application/json", b'{"text": ' + b"9" * 5000 + b"}", 422),
    ("application/json", b'{"text": "a", "text": "b", "__proto__": {}}', 422),
    ("application/json; charset=utf-16", b'{"text"', 422),
    ("text/xml", b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', 422),
    ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n", 422),
    ("application/x-www-form-urlencoded", b"text=a", 422),
]  # fmt: skip


async def test_a_hostile_body_is_refused_in_words(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway:
        talk = await gateway.begin()
        for kind, body, status in BODIES:
            headers = talk.headers | {"Content-Type": kind}
            path = f"{talk.path}/messages"
            answered = await gateway.client.post(path, content=body, headers=headers)
            assert answered.status_code == status, (kind, body[:40])
            assert answered.headers["content-type"] == "application/problem+json"
    assert gateway.engine.seen == []


FORMS = [
    ("application/x-www-form-urlencoded", b"text=%ED%A0%80%FF%00"),
    ("application/x-www-form-urlencoded", b"text=\xff\xfe\x00"),
    ("application/x-www-form-urlencoded", b"&".join([b"text=a"] * 9000)),
    ("application/x-www-form-urlencoded", b"choice=a%00b.0"),
    ("multipart/form-data", b"text"),
    ("multipart/form-data; boundary=x", b"--y\r\n\r\n"),
    ("multipart/form-data; boundary=x; charset=none",
     b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n\xff\r\n--x--\r\n'),
    ("multipart/form-data; boundary=x",
     b'--x\r\nContent-Disposition: form-data; name="text"; filename="../x"\r\n\r\na\r\n--x--\r\n'),
    ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="t"\r\n\r\n'
     + b"a\r\n--x\r\nContent-Disposition: form-data; name=\"t\"\r\n\r\n" * 900),
    ("application/json", b'{"text": "a"}'),
]  # fmt: skip


async def test_a_hostile_form_is_answered_with_a_page(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway, browser(gateway) as client:
        for path, (kind, body) in itertools.product(["/chat", "/sign-in"], FORMS):
            answered = await client.post(path, content=body, headers={"Content-Type": kind})
            assert answered.status_code < 500, (path, kind, body[:40])


ANNOUNCED = ["9" * 5000, "99999999999", "²", "-1", "0x10", "1 1", ""]


async def test_an_odd_announced_length_is_no_failure(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway:
        for length in ANNOUNCED:
            headers = {"Host": "assistant.test", "Content-Length": length}
            status, _ = await ask(gateway, "GET", "/chat", headers)
            assert status < 500, length[:12]


async def test_what_a_database_cannot_hold_is_no_outage_for_others(
    tmp_path: Path, postgres: str
) -> None:
    async with running(tmp_path, conversations_url=postgres) as gateway, browser(gateway) as client:
        talk = await gateway.begin()
        form = field_of((await client.get("/sign-in")).text)
        attempts = [
            await talk.send(choice="a\0b.0"),
            await gateway.client.post(
                "/api/v1/turns/a%00b/feedback", json={"value": "up"}, headers=talk.headers
            ),
            await client.post(
                "/sign-in", data={"form": form, "name": "a\0b", "password": "x", "code": "1"}
            ),
        ]
        with pytest.raises(StoreUnavailable):
            await gateway.services.store.run(gateway.services.store.history, "a\0b")
        answered = await talk.send(text="câu hỏi sau đó")
        kept = await talk.history()
    assert [one.status_code for one in attempts] == [200, 422, 422]
    assert answered.status_code == 200
    assert kept[-1]["text"] == "câu hỏi sau đó"
