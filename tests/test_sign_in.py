"""Local accounts: what signs in, what does not, how long it lasts, what the log says."""

import datetime as dt
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from gateway import Gateway, running
from sign_in import PASSWORD, Account, account, field_of, sign_in

from bot.conversations import utc_now
from bot.identity.audit import Event
from bot.identity.officials import MOST_BAD_LOGINS, Person, local
from bot.identity.tables import audit, bad_logins, officials, sessions
from knowledge.errors import OperatorError
from knowledge.roles import Role

pytestmark = pytest.mark.asyncio
SITE = "https://assistant.test"


async def change(gateway: Gateway, statement: Any) -> None:
    """Changes the store behind the app's back."""
    await gateway.services.store.transaction(lambda db: db.execute(statement))


async def events(gateway: Gateway) -> list[tuple[str, str]]:
    since = utc_now() - dt.timedelta(days=1)
    return [(line.who, line.event) for line in await gateway.services.identity.audit.lines(since)]


def browser(gateway: Gateway, site: str = SITE) -> httpx.AsyncClient:
    """Another browser of the same app."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(gateway.app), base_url=site)


async def test_password_and_code_sign_in_and_the_turn_carries_the_role(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway, browser(gateway) as client:
        lan = await account(gateway.services.identity, role=Role.EDITOR)
        signed = await sign_in(client, lan)
        page = await client.get("/chat")
        await client.post("/chat", data={"text": "xin chào"})
        told = gateway.engine.seen[-1]["metadata"]
        log = await events(gateway)
    assert (signed.status_code, signed.headers["location"]) == (303, "/chat")
    assert "Nguyễn Thị Lan (Biên tập)" in page.text
    assert (told["role"], told["unit"]) == ("editor", "H37.12")
    assert told["unit_name"] == "Bộ phận một cửa mẫu số 12"
    assert log[0] == ("local:lan", Event.SIGNED_IN)


async def test_the_cookie_is_for_this_host_over_https_and_for_no_script(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway, browser(gateway) as client:
        lan = await account(gateway.services.identity)
        signed = await sign_in(client, lan)
    cookie = next(c for c in signed.headers.get_list("set-cookie") if "session=" in c)
    assert cookie.startswith("__Host-session=")
    assert {"HttpOnly", "Secure", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))


async def test_without_https_no_password_is_taken_except_on_this_machine(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway:
        lan = await account(gateway.services.identity)
        async with browser(gateway, "http://assistant.test") as far:
            refused = await far.post("/sign-in", data={"name": "lan", "password": PASSWORD})
        async with browser(gateway, "http://127.0.0.1:8000") as near:
            taken = await sign_in(near, lan)
    assert refused.status_code == 403 and "https" in refused.text
    assert taken.status_code == 303


@pytest.mark.parametrize(
    "given", [{"password": "sai"}, {"code": "000000"}, {"code": ""}, {"name": "nobody"}]
)
async def test_what_is_wrong_is_not_told_apart(tmp_path: Path, given: dict[str, str]) -> None:
    async with running(tmp_path) as gateway, browser(gateway) as client:
        lan = await account(gateway.services.identity)
        refused = await sign_in(client, lan, **given)
        page = await client.get("/account")
    assert refused.status_code == 401
    assert "Tên, mật khẩu hoặc mã xác thực chưa đúng" in refused.text
    assert page.headers["location"] == "/sign-in"


async def test_a_code_signs_in_once(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway, browser(gateway) as client, browser(gateway) as other:
        lan = await account(gateway.services.identity)
        code = lan.code
        first = await sign_in(client, lan, code=code)
        again = await sign_in(other, lan, code=code)
    assert (first.status_code, again.status_code) == (303, 401)


@pytest.mark.parametrize("name", ["lan", "nobody"])
async def test_five_bad_sign_ins_lock_the_name_whether_it_exists_or_not(
    tmp_path: Path, name: str
) -> None:
    async with running(tmp_path) as gateway, browser(gateway) as client:
        lan = await account(gateway.services.identity)
        who = Account(name, lan.seed)
        bad = [(await sign_in(client, who, password="sai")) for _ in range(MOST_BAD_LOGINS)]
        locked = await sign_in(client, who)
        await change(
            gateway, sa.update(bad_logins).values(last_at=utc_now() - dt.timedelta(minutes=16))
        )
        later = await sign_in(client, who)
        log = await events(gateway)
    assert {answer.status_code for answer in bad} == {401}
    assert locked.status_code == 429 and "tạm khóa" in locked.text
    assert later.status_code == (303 if name == "lan" else 401)
    assert ("local:lan" if name == "lan" else "", Event.SIGN_IN_LOCKED) in log
    assert not any("nobody" in who for who, _ in log)


async def test_a_good_sign_in_forgets_the_bad_ones(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway, browser(gateway) as client:
        lan = await account(gateway.services.identity)
        for _ in range(MOST_BAD_LOGINS - 1):
            await sign_in(client, lan, password="sai")
        assert (await sign_in(client, lan)).status_code == 303
        await client.get("/account")
        await change(gateway, sa.update(officials).values(totp_step=0))
        await client.post("/sign-out", data={"form": field_of((await client.get("/account")).text)})
        assert (await sign_in(client, lan, password="sai")).status_code == 401
        assert (await sign_in(client, lan)).status_code == 303


async def test_an_idle_session_ends_and_one_in_use_does_not(tmp_path: Path) -> None:
    async with running(tmp_path, session_idle_minutes=30) as gateway, browser(gateway) as client:
        await sign_in(client, await account(gateway.services.identity))
        await change(
            gateway, sa.update(sessions).values(seen_at=utc_now() - dt.timedelta(minutes=29))
        )
        used = await client.get("/account")
        await change(
            gateway, sa.update(sessions).values(seen_at=utc_now() - dt.timedelta(minutes=31))
        )
        idle = await client.get("/account")
        await client.post("/chat", data={"text": "xin chào"})
    assert (used.status_code, idle.status_code) == (200, 303)
    assert gateway.engine.seen[-1]["metadata"]["role"] == "citizen"


async def test_a_session_ends_after_twelve_hours_in_any_case(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway, browser(gateway) as client:
        await sign_in(client, await account(gateway.services.identity))
        await change(
            gateway, sa.update(sessions).values(created_at=utc_now() - dt.timedelta(hours=13))
        )
        assert (await client.get("/account")).headers["location"] == "/sign-in"


async def test_who_signs_out_is_a_citizen_and_the_talk_stays_behind(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway, browser(gateway) as client:
        await sign_in(client, await account(gateway.services.identity))
        await client.post("/chat", data={"text": "câu của cán bộ"})
        conversation = client.cookies.get("conversation", path="/chat")
        token = client.cookies["__Host-session"]
        out = await client.post(
            "/sign-out", data={"form": field_of((await client.get("/account")).text)}
        )
        client.cookies.set("__Host-session", token, domain="assistant.test", path="/")
        client.cookies.set("conversation", str(conversation), domain="assistant.test", path="/chat")
        page = await client.get("/chat")
        await client.post("/chat", data={"text": "câu sau đó"})
    assert out.headers["location"] == "/sign-in?signed_out=1"
    assert "câu của cán bộ" not in page.text and "Cán bộ đăng nhập" in page.text
    assert gateway.engine.seen[-1]["metadata"]["role"] == "citizen"
    assert len({seen["conversation"] for seen in gateway.engine.seen}) == 2


@pytest.mark.parametrize("path", ["/account/code", "/account/unlink", "/sign-out"])
async def test_a_form_needs_the_token_of_its_session(tmp_path: Path, path: str) -> None:
    async with running(tmp_path) as gateway, browser(gateway) as client:
        await sign_in(client, await account(gateway.services.identity))
        none = await client.post(path)
        wrong = await client.post(path, data={"form": "guessed"})
        form = field_of((await client.get("/account")).text)
        foreign = await client.post(
            path, data={"form": form}, headers={"Sec-Fetch-Site": "cross-site"}
        )
        assert (await client.get("/account")).status_code == 200
    assert [none.status_code, wrong.status_code] == [403, 403]
    assert foreign.status_code in (303, 403)


async def test_the_sign_in_form_is_bound_to_the_browser_that_got_it(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway, browser(gateway) as mine, browser(gateway) as other:
        lan = await account(gateway.services.identity)
        form = field_of((await mine.get("/sign-in")).text)
        data = {"form": form, "name": lan.name, "password": PASSWORD, "code": lan.code}
        await other.get("/sign-in")
        refused = await other.post("/sign-in", data=data)
        taken = await mine.post("/sign-in", data=data)
    assert (refused.status_code, taken.status_code) == (403, 303)


async def test_a_session_is_not_believed_when_another_site_sends_the_request(
    tmp_path: Path,
) -> None:
    async with running(tmp_path) as gateway, browser(gateway) as client:
        await sign_in(client, await account(gateway.services.identity))
        begun = (await client.post("/api/v1/conversations")).json()
        path = f"/api/v1/conversations/{begun['conversation_id']}/messages"
        headers = {"Authorization": f"Bearer {begun['token']}"}
        for origin in ("https://evil.example", SITE):
            await client.post(path, json={"text": "câu hỏi"}, headers=headers | {"Origin": origin})
    roles = [seen["metadata"]["role"] for seen in gateway.engine.seen]
    assert roles == ["citizen", "official"]


async def test_a_role_that_is_taken_back_counts_at_once(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway, browser(gateway) as client:
        await sign_in(client, await account(gateway.services.identity))
        await gateway.services.identity.officials.remove(local("lan"))
        await client.post("/chat", data={"text": "câu hỏi"})
        page = await client.get("/account")
    assert gateway.engine.seen[-1]["metadata"]["role"] == "citizen"
    assert page.headers["location"] == "/sign-in"


async def test_a_new_password_ends_the_sessions(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway, browser(gateway) as client:
        await sign_in(client, await account(gateway.services.identity))
        anew = await account(gateway.services.identity)
        assert (await client.get("/account")).status_code == 303
        assert (await sign_in(client, anew)).status_code == 303


async def test_secrets_lie_in_the_store_as_hashes(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway, browser(gateway) as client:
        lan = await account(gateway.services.identity)
        await sign_in(client, lan)
        token = client.cookies["__Host-session"]
        await client.get("/account")
    content = _files(tmp_path)
    assert token.encode() not in content and PASSWORD.encode() not in content
    assert b"$argon2id$" in content


def _files(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.glob("conversations.db*"))


async def test_a_short_password_is_refused(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway:
        with pytest.raises(OperatorError, match="12 characters"):
            await gateway.services.identity.officials.add_local(
                Person(local("lan"), "Lan", Role.OFFICIAL), "ngắn"
            )


async def test_too_many_attempts_from_one_address_wait(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway, browser(gateway) as client:
        answers = [await client.post("/sign-in", data={"name": f"n{n}"}) for n in range(31)]
    assert answers[-1].status_code == 429 and "retry-after" in answers[-1].headers


async def test_without_the_store_sign_in_says_so_and_nobody_is_an_official(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway, browser(gateway) as client:
        lan = await account(gateway.services.identity)
        await sign_in(client, lan)
        form = field_of((await client.get("/account")).text)
        gateway.services.store._rest_until = float("inf")
        await client.post("/chat", data={"text": "câu hỏi"})
        again = await client.post("/account/code", data={"form": form})
        async with browser(gateway) as other:
            down = await sign_in(other, lan)
    assert gateway.engine.seen[-1]["metadata"]["role"] == "citizen"
    assert again.status_code == 303
    assert down.status_code == 503 and "gián đoạn" in down.text


async def test_the_log_keeps_a_year_and_no_more(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway:
        log = gateway.services.identity.audit
        await log.note("local:lan", "old", ["một"])
        await change(gateway, sa.update(audit).values(at=utc_now() - dt.timedelta(days=366)))
        await log.note("local:lan", "new", ["hai", "hai"])
        removed = await log.purge()
        kept = await log.lines(utc_now() - dt.timedelta(days=999))
    assert removed == 1
    assert [(line.event, line.reference) for line in kept] == [("new", "hai")]
