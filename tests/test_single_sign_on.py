"""Sign-in at the agency's own provider: the flow, what is checked, what role comes out."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from gateway import Gateway, running
from provider import Provider, asked, provider
from sign_in import account, sign_in
from test_sign_in import browser, events

from bot.identity.audit import Event
from bot.identity.oidc import open_single_sign_on
from bot.settings import Settings
from knowledge.errors import OperatorError

pytestmark = pytest.mark.asyncio


@pytest.fixture(scope="module")
def agency(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    with provider(tmp_path_factory.mktemp("provider")) as running_provider:
        yield running_provider


@pytest.fixture
async def gateway(tmp_path: Path, agency: Provider) -> AsyncIterator[Gateway]:
    async with running(tmp_path, **agency.settings) as served:
        yield served


async def sign_on(client: httpx.AsyncClient, agency: Provider, subject: str) -> httpx.Response:
    left = await client.get("/sign-in/agency")
    return await client.get(await agency.agree(left.headers["location"], sub=subject))


async def test_the_provider_is_asked_with_pkce_state_and_nonce(gateway: Gateway) -> None:
    async with browser(gateway) as client:
        page = await client.get("/sign-in")
        left = await client.get("/sign-in/agency")
    query = asked(left.headers["location"])
    assert 'href="/sign-in/agency"' in page.text
    assert query["code_challenge_method"] == "S256" and len(query["code_challenge"]) == 43
    assert query["response_type"] == "code" and query["scope"] == "openid profile"
    assert query["redirect_uri"] == "https://assistant.test/sign-in/agency/return"
    assert len(query["state"]) >= 20 and len(query["nonce"]) >= 20


async def test_role_unit_and_name_come_from_the_claims(gateway: Gateway, agency: Provider) -> None:
    agency.user("u1", name="Trần Văn Bình", role="bien-tap", unit="H37.20", unit_name="Xã mẫu")
    async with browser(gateway) as client:
        signed = await sign_on(client, agency, "u1")
        own = await client.get("/account")
        await client.post("/chat", data={"text": "xin chào"})
        log = await events(gateway)
    assert signed.headers["location"] == "/chat"
    assert "Trần Văn Bình" in own.text and "Biên tập" in own.text
    assert "Xã mẫu (H37.20)" in own.text
    told = gateway.engine.seen[-1]["metadata"]
    assert (told["role"], told["unit"], told["unit_name"]) == ("editor", "H37.20", "Xã mẫu")
    assert ("oidc:u1", Event.SIGNED_IN) in log


@pytest.mark.parametrize(
    ("claim", "role"),
    [("can-bo", "official"), (["khac", "can-bo", "quan-tri"], "admin"), (["bien-tap"], "editor")],
)
async def test_of_several_roles_the_highest_counts(
    gateway: Gateway, agency: Provider, claim: Any, role: str
) -> None:
    agency.user("u2", role=claim)
    async with browser(gateway) as client:
        await sign_on(client, agency, "u2")
        await client.post("/chat", data={"text": "xin chào"})
    assert gateway.engine.seen[-1]["metadata"]["role"] == role


@pytest.mark.parametrize("claims", [{}, {"role": "dan"}, {"role": "admin"}, {"role": ["official"]}])
async def test_who_has_none_of_the_roles_stays_a_citizen(
    gateway: Gateway, agency: Provider, claims: dict[str, Any]
) -> None:
    agency.user("u3", **claims)
    async with browser(gateway) as client:
        refused = await sign_on(client, agency, "u3")
        own = await client.get("/account")
    assert refused.status_code == 403 and "chưa được cấp quyền" in refused.text
    assert own.headers["location"] == "/sign-in"


async def test_the_role_of_the_newest_sign_in_counts(gateway: Gateway, agency: Provider) -> None:
    agency.user("u4", role="quan-tri")
    async with browser(gateway) as client, browser(gateway) as later:
        await sign_on(client, agency, "u4")
        agency.user("u4", role="can-bo")
        await sign_on(later, agency, "u4")
        await client.post("/chat", data={"text": "xin chào"})
    assert gateway.engine.seen[-1]["metadata"]["role"] == "official"


async def test_claims_are_found_wherever_a_provider_keeps_them(
    tmp_path: Path, agency: Provider
) -> None:
    agency.user("u5", realm_access={"roles": ["x", "can-bo"]}, donvi={"ma": "H37.01"})
    paths = {"oidc_role_claim": "realm_access.roles", "oidc_unit_claim": "donvi.ma"}
    async with running(tmp_path, **agency.settings | paths) as gateway, browser(gateway) as client:
        await sign_on(client, agency, "u5")
        await client.post("/chat", data={"text": "xin chào"})
    told = gateway.engine.seen[-1]["metadata"]
    assert (told["role"], told["unit"]) == ("official", "H37.01")


async def test_a_return_that_this_browser_did_not_ask_for_is_refused(
    gateway: Gateway, agency: Provider
) -> None:
    agency.user("u6", role="can-bo")
    async with browser(gateway) as mine, browser(gateway) as other:
        left = await mine.get("/sign-in/agency")
        back = await agency.agree(left.headers["location"], sub="u6")
        none = await other.get(back)
        await other.get("/sign-in/agency")
        crossed = await other.get(back)
        forged = await mine.get(back.replace("state=", "state=x"))
        good = await mine.get("/sign-in/agency")
        code_of_another = asked(back)["code"]
        state = asked(good.headers["location"])["state"]
        mixed = await mine.get(f"/sign-in/agency/return?code={code_of_another}&state={state}")
        own = await mine.get("/account")
    assert [r.status_code for r in (none, crossed, forged, mixed)] == [401] * 4
    assert own.headers["location"] == "/sign-in"


async def test_a_return_works_once(gateway: Gateway, agency: Provider) -> None:
    agency.user("u7", role="can-bo")
    async with browser(gateway) as client:
        left = await client.get("/sign-in/agency")
        back = await agency.agree(left.headers["location"], sub="u7")
        first, again = await client.get(back), await client.get(back)
    assert (first.status_code, again.status_code) == (303, 401)


async def test_who_says_no_at_the_provider_may_try_again(
    gateway: Gateway, agency: Provider
) -> None:
    async with browser(gateway) as client:
        left = await client.get("/sign-in/agency")
        denied = await agency.agree(left.headers["location"], action="deny")
        refused = await client.get(denied)
    assert refused.status_code == 401 and "thử lại từ đầu" in refused.text


async def test_a_provider_that_is_down_is_said_so_and_local_accounts_work(tmp_path: Path) -> None:
    down = {
        "oidc_discovery_url": "http://127.0.0.1:9/.well-known/openid-configuration",
        "oidc_client_id": "a",
        "oidc_roles": {"official": ["x"]},
    }
    async with running(tmp_path, **down) as gateway, browser(gateway) as client:
        refused = await client.get("/sign-in/agency")
        signed = await sign_in(client, await account(gateway.services.identity))
    assert refused.status_code == 502 and "không trả lời" in refused.text
    assert signed.status_code == 303


async def test_without_a_provider_there_is_no_such_way(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway, browser(gateway) as client:
        page = await client.get("/sign-in")
        left = await client.get("/sign-in/agency")
    assert "/sign-in/agency" not in page.text and left.status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"oidc_client_id": ""},
        {"oidc_roles": {}},
        {"oidc_roles": {"citizen": ["x"]}},
        {"oidc_scope": "profile"},
        {"oidc_role_claim": "a["},
    ],
)
async def test_half_a_configuration_ends_in_one_line(wrong: dict[str, Any]) -> None:
    right = {"oidc_discovery_url": "https://x", "oidc_client_id": "a", "oidc_roles": {"admin": []}}
    with pytest.raises(OperatorError, match=r"ASSISTANT_OIDC_[A-Z_]+"):
        open_single_sign_on(Settings(**right | wrong), "secret")
