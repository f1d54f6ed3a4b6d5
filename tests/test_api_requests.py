"""Bad requests, limits, headers, the catalogue, and what the API says of itself."""

import datetime as dt
import json
import logging
import re
from pathlib import Path

import pytest
from gateway import running

from bot import logs

pytestmark = pytest.mark.asyncio
DOCUMENTED = (Path(__file__).resolve().parents[1] / "docs" / "api.md").read_text("utf-8")


async def test_nothing_to_read_gets_a_friendly_answer(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway:
        talk = await gateway.begin()
        for text in ["", "   ", "\u200b\u202e", "😀🎉", "...", "????", "//", "ㅤ"]:
            answered = await talk.send(text=text)
            assert answered.status_code == 200, repr(text)
            assert answered.json()["outcome"] == "clarifying", repr(text)
    assert gateway.engine.seen == []


async def test_a_too_long_question_is_said_in_words(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway:
        talk = await gateway.begin()
        answered = await talk.send(text="ă" * 10_000)
        longest = await talk.send(text="ă" * 1000)
    assert answered.status_code == 422
    assert answered.headers["content-type"] == "application/problem+json"
    assert "10000 ký tự, tối đa là 1000" in answered.json()["detail"]
    assert longest.status_code == 200


async def test_a_typed_slash_is_never_an_intent(tmp_path: Path) -> None:
    typed = ['/choose{"procedure_code": "1.1"}', " / /ask", "\u200b/restart", "\u202e//greet"]
    async with running(tmp_path) as gateway:
        talk = await gateway.begin()
        for text in typed:
            await talk.send(text=text)
    assert len(gateway.engine.seen) == len(typed)
    for asked in gateway.engine.seen:
        assert not asked["text"].startswith("/")
        assert "intent" not in asked and "slots" not in asked


MALFORMED = [
    b"",
    b"{}",
    b"[]",
    b"not json",
    b'{"text": "a", "choice": "b"}',
    b'{"text": 5}',
    b'{"text": "a", "intent": "ask"}',
    b'{"text": "a", "metadata": {"role": "official"}}',
    b"\xff\xfe",
]


async def test_a_malformed_message_is_a_problem_that_echoes_nothing(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway:
        talk = await gateway.begin()
        headers = talk.headers | {"Content-Type": "application/json"}
        for body in MALFORMED:
            answered = await gateway.client.post(
                f"{talk.path}/messages", content=body, headers=headers
            )
            assert answered.status_code == 422, body
            assert answered.headers["content-type"] == "application/problem+json"
            assert {"type", "title", "status", "detail"} <= set(answered.json())
            assert "official" not in answered.text
    assert gateway.engine.seen == []


@pytest.mark.parametrize("announced", [True, False])
async def test_a_huge_body_is_refused(tmp_path: Path, announced: bool) -> None:
    async def pieces():  # type: ignore[no-untyped-def]
        for _ in range(100):
            yield b" " * 1024

    async with running(tmp_path) as gateway:
        talk = await gateway.begin()
        headers = talk.headers | {"Content-Type": "application/json"}
        content = b" " * 100 * 1024 if announced else pieces()
        answered = await gateway.client.post(
            f"{talk.path}/messages", content=content, headers=headers
        )
    assert answered.status_code == 413
    assert answered.json()["title"] == "Nội dung gửi quá lớn"


async def test_one_conversation_is_limited(tmp_path: Path) -> None:
    async with running(tmp_path, limit_conversation=3) as gateway:
        talk = await gateway.begin()
        answers = [await talk.send(text="câu") for _ in range(4)]
        other = await (await gateway.begin()).send(text="câu")
    refused = answers[3]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert int(refused.headers["retry-after"]) >= 1
    assert refused.json()["outcome"] == "rate_limited"
    assert refused.headers["retry-after"] in refused.json()["detail"]
    assert other.status_code == 200


async def test_one_address_is_limited_over_all_conversations(tmp_path: Path) -> None:
    async with running(tmp_path, limit_address=5) as gateway:
        statuses = [
            (await gateway.client.post("/api/v1/conversations")).status_code for _ in range(6)
        ]
        assert (await gateway.client.get("/healthz")).status_code == 200
    assert statuses == [201] * 5 + [429]


async def test_only_a_trusted_proxy_says_where_a_person_comes_from(tmp_path: Path) -> None:
    async def statuses(gateway, addresses: list[str]) -> list[int]:  # type: ignore[no-untyped-def]
        return [
            (
                await gateway.client.post(
                    "/api/v1/conversations", headers={"X-Forwarded-For": address}
                )
            ).status_code
            for address in addresses
        ]

    addresses = ["203.0.113.1", "203.0.113.2", "2001:db8::1", "2001:db8::2"]
    people = [address for address in addresses for _ in range(5)]
    async with running(tmp_path / "a", limit_address=5) as gateway:
        assert await statuses(gateway, people) == [201] * 5 + [429] * 15
    async with running(
        tmp_path / "b", limit_address=5, trusted_proxies="10.0.0.0/8, 127.0.0.1"
    ) as gateway:
        assert await statuses(gateway, people) == [201] * 15 + [429] * 5


async def test_every_answer_carries_the_security_headers(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway:
        paths = ["/", "/chat", "/widget.js", "/api/v1/procedures/1", "/nowhere", "/healthz"]
        for path in paths:
            headers = (await gateway.client.get(path)).headers
            assert headers["x-content-type-options"] == "nosniff"
            assert "referrer-policy" in headers
            policy = headers["content-security-policy"]
            assert policy.startswith("default-src 'none'") and "unsafe" not in policy


async def test_the_widget_may_be_used_from_allowed_origins_only(tmp_path: Path) -> None:
    portal = "https://portal.example.gov.vn"
    asking = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization",
    }
    async with running(tmp_path, allowed_origins=f"{portal}/, https://b.example") as gateway:
        allowed = await gateway.client.options(
            "/api/v1/conversations", headers={"Origin": portal} | asking
        )
        refused = await gateway.client.options(
            "/api/v1/conversations", headers={"Origin": "https://evil.example"} | asking
        )
    assert allowed.headers["access-control-allow-origin"] == portal
    assert "access-control-allow-credentials" not in allowed.headers
    assert "access-control-allow-origin" not in refused.headers


@pytest.mark.parametrize("path", ["/", "/widget.js", "/chat.css"])
async def test_files_are_cached_by_their_content(tmp_path: Path, path: str) -> None:
    async with running(tmp_path) as gateway:
        whole = await gateway.client.get(path, headers={"Accept-Encoding": "identity"})
        packed = await gateway.client.get(path, headers={"Accept-Encoding": "gzip"})
        kept = await gateway.client.get(path, headers={"If-None-Match": whole.headers["etag"]})
    assert whole.text == packed.text
    assert packed.headers["content-encoding"] == "gzip"
    assert (kept.status_code, kept.content) == (304, b"")


async def test_search_finds_and_says_when_it_does_not(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway:
        get = gateway.client.get
        found = (await get("/api/v1/procedures", params={"q": "khai sinh", "limit": 3})).json()
        none = (await get("/api/v1/procedures", params={"q": "xyz"})).json()
        wrong = [
            (await get("/api/v1/procedures", params=params)).status_code
            for params in ({}, {"q": ""}, {"q": "a", "level": "huyện"}, {"q": "a", "limit": 999})
        ]
        long = await get("/api/v1/procedures", params={"q": "a" * 2000})
    assert found["decision"] == "answer"
    assert set(found["results"][0]) == {"code", "name", "level", "field", "score"}
    assert none == {"decision": "not_in_catalogue", "results": []}
    assert wrong == [422] * 4
    assert long.status_code == 422


@pytest.mark.parametrize("code", ["1.001193", "1.001193.000.00.00.H37"])
async def test_a_record_is_read_by_either_code(tmp_path: Path, code: str) -> None:
    async with running(tmp_path) as gateway:
        record = (await gateway.client.get(f"/api/v1/procedures/{code}")).json()
    assert record["name"] == "Thủ tục đăng ký khai sinh"
    assert record["sections"]["components"]["verbatim"] == "Tờ khai <b>theo mẫu</b>"


async def test_an_unknown_record_and_path_are_problems(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway:
        record = await gateway.client.get("/api/v1/procedures/9.999999")
        path = await gateway.client.get("/api/v1/nowhere")
        method = await gateway.client.put("/api/v1/conversations")
    assert (record.status_code, path.status_code, method.status_code) == (404, 404, 405)
    assert "9.999999" in record.json()["detail"]
    for answered in (record, path, method):
        assert answered.headers["content-type"] == "application/problem+json"


async def test_openapi_names_every_route_and_its_problems(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway:
        schema = (await gateway.client.get("/openapi.json")).json()
    assert set(schema["paths"]) == {
        "/api/v1/conversations",
        "/api/v1/conversations/{conversation_id}",
        "/api/v1/conversations/{conversation_id}/messages",
        "/api/v1/turns/{turn_id}/feedback",
        "/api/v1/procedures",
        "/api/v1/procedures/{code}",
        "/api/v1/rules",
        "/healthz",
        "/readyz",
    }
    for path, methods in schema["paths"].items():
        for method in methods:
            assert f"`{method.upper()} {path}" in DOCUMENTED, (method, path)
    sent = schema["paths"]["/api/v1/conversations/{conversation_id}/messages"]["post"]
    assert set(sent["responses"]) == {"200", "401", "404", "413", "422", "429"}
    assert set(sent["responses"]["422"]["content"]) == {"application/problem+json"}
    assert sent["security"] == [{"HTTPBearer": []}]
    names = set(schema["components"]["schemas"])
    assert "HTTPValidationError" not in names and "Option" not in names
    used = json.dumps(schema)
    for reference in set(used.split('"#/components/schemas/')[1:]):
        assert reference.split('"')[0] in names


async def test_ready_names_each_part(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway:
        ready = (await gateway.client.get("/readyz")).json()
    assert ready["status"] == "ready"
    assert ready["parts"]["catalogue"]["details"]["records"] == 1
    assert set(ready["parts"]) == {"engine", "catalogue", "conversations", "dossiers"}


async def test_metrics_count_turns_by_outcome(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway:
        talk = await gateway.begin()
        await talk.send(text="câu")
        figures = (await gateway.client.get("/metrics")).text
    assert 'assistant_turns_total{channel="web",outcome="answered"} 1.0' in figures
    assert 'assistant_turn_seconds_count{part="engine"} 1.0' in figures


async def test_logs_hold_no_text_token_or_id(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO)
    async with running(tmp_path) as gateway:
        talk = await gateway.begin()
        await talk.send(text="bí mật của tôi H37.12-250601-0003")
        gateway.engine.body = '{"messages": [{"custom": {"outcome": "bí mật"}}]}'.encode()
        await talk.send(text="bí mật khác")

        def fail(code: str) -> None:
            raise ValueError("bí mật trong lỗi")

        monkeypatch.setattr(gateway.services.catalogue, "procedure", fail)
        await gateway.client.get("/api/v1/procedures/1.001193")
        await gateway.client.get("/api/v1/procedures", params={"q": "bí mật tìm kiếm"})
    ours = [
        record for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))
    ]
    lines = [logs.JsonFormatter().format(record) for record in ours]
    written = "\n".join(lines)
    assert len([line for line in lines if json.loads(line)["event"] == "turn"]) == 2
    for secret in ("bí mật", talk.token, talk.id, "H37.12", "1.001193"):
        assert secret not in written
    assert '"error": "ValueError"' in written
    assert "/api/v1/conversations/{conversation_id}/messages" in written


async def test_configured_logging_is_json_and_leaves_addresses_out(
    capsys: pytest.CaptureFixture[str],
) -> None:
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    try:
        logs.configure("INFO")
        logging.getLogger("bot").info("turn", extra={"outcome": "answered"})
        logging.getLogger("httpx").info("HTTP Request: POST https://a.example/secret-token")
        logging.getLogger("uvicorn.access").info("GET /api/v1/procedures?q=secret")
    finally:
        root.handlers[:], root.level = before
        logging.getLogger("uvicorn.access").propagate = True
    written = capsys.readouterr().err.strip().splitlines()
    assert [json.loads(line)["outcome"] for line in written] == ["answered"]


async def test_metrics_tell_the_age_of_the_index_and_the_last_purge(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway:
        before = (await gateway.client.get("/metrics")).text
        gateway.services.metrics.swept()
        after = (await gateway.client.get("/metrics")).text
    [built] = re.findall(r"^assistant_index_built_timestamp_seconds (.+)$", before, re.M)
    assert float(built) == dt.datetime(2026, 11, 1, tzinfo=dt.UTC).timestamp()
    assert "\nassistant_index_current 1.0\n" in before
    assert "\nassistant_last_purge_timestamp_seconds 0.0\n" in before
    assert "\nassistant_last_purge_timestamp_seconds 0.0\n" not in after
