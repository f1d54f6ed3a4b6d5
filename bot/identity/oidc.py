"""Single sign-on by OpenID Connect: code flow with PKCE (S256), state and nonce, by Authlib.

The provider is known by its discovery address alone. What it says of a person (role, unit) is
read at each sign-in; its tokens are kept nowhere.
"""

import logging
from typing import Any

import httpx2
import jmespath
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.starlette_client import OAuth
from fastapi import Request
from fastapi.responses import RedirectResponse
from itsdangerous import BadData, URLSafeTimedSerializer
from joserfc.errors import JoseError

from bot.identity.officials import Person
from bot.settings import Settings
from knowledge.errors import OperatorError
from knowledge.roles import Role

log = logging.getLogger(__name__)
FLOW_SECONDS = 600
"""How long a person may take at the provider."""
_CALL_SECONDS = 10.0
_ROLES = [Role.ADMIN, Role.EDITOR, Role.OFFICIAL]  # the highest that a person has counts


class SignOnFailed(Exception):
    """``str(error)``: ``unreachable`` (the provider), ``refused`` (by it, by the person, or what
    came back is not what was sent), ``no_role``."""


class SingleSignOn:
    """The provider that the settings name. ``secret`` signs what the browser keeps meanwhile."""

    def __init__(self, settings: Settings, secret: str) -> None:
        self._settings = settings
        self._flow = URLSafeTimedSerializer(secret, salt="single sign-on")
        given = settings.oidc_client_secret
        self._client = OAuth().register(
            "staff",
            server_metadata_url=settings.oidc_discovery_url,
            client_id=settings.oidc_client_id,
            client_secret=given.get_secret_value() if given else None,
            client_kwargs={
                "scope": settings.oidc_scope,
                "code_challenge_method": "S256",
                "timeout": _CALL_SECONDS,
                "token_endpoint_auth_method": "client_secret_basic" if given else "none",
            },
        )

    async def begin(self, request: Request, back: str) -> tuple[RedirectResponse, str]:
        """The redirect to the provider, and the text of the cookie that ``finish`` needs."""
        flow: dict[str, Any] = {}
        request.scope["session"] = flow
        try:
            redirect = await self._client.authorize_redirect(request, back)
        except (AuthlibBaseError, httpx2.HTTPError, RuntimeError, ValueError, KeyError) as error:
            raise _failed("unreachable", error) from None
        return redirect, self._flow.dumps(flow)

    async def finish(self, request: Request, kept: str) -> Person:
        """Whom the provider named. Raises SignOnFailed."""
        try:
            request.scope["session"] = self._flow.loads(kept, max_age=FLOW_SECONDS)
        except BadData as error:
            raise _failed("refused", error) from None
        try:
            claims = await self._claims(request)
        except httpx2.HTTPError as error:
            raise _failed("unreachable", error) from None
        except (AuthlibBaseError, JoseError, RuntimeError, ValueError, KeyError) as error:
            raise _failed("refused", error) from None
        return self._person(claims)

    async def _claims(self, request: Request) -> dict[str, Any]:
        """Of the id token; where those hold no role, of the provider's user info as well."""
        metadata = await self._client.load_server_metadata()
        expected = {
            "iss": {"essential": True, "value": metadata["issuer"]},
            "aud": {"essential": True, "value": self._settings.oidc_client_id},
        }
        token = await self._client.authorize_access_token(request, claims_options=expected)
        claims = dict(token["userinfo"])
        if self._found(self._settings.oidc_role_claim, claims) or (
            "userinfo_endpoint" not in metadata
        ):
            return claims
        more = dict(await self._client.userinfo(token=token))
        if more.get("sub") != claims["sub"]:
            raise ValueError("user info of somebody else")
        return more | claims

    def _person(self, claims: dict[str, Any]) -> Person:
        given = set(self._found(self._settings.oidc_role_claim, claims))
        mapped = {role for role, names in self._settings.oidc_roles.items() if given & set(names)}
        role = next((role for role in _ROLES if role in mapped), None)
        if role is None:
            raise SignOnFailed("no_role")
        subject = str(claims["sub"])
        name = claims.get("name") or claims.get("preferred_username") or subject
        return Person(
            subject=f"oidc:{subject}"[:255],
            name=str(name)[:255],
            role=role,
            unit=self._text(self._settings.oidc_unit_claim, claims)[:64],
            unit_name=self._text(self._settings.oidc_unit_name_claim, claims)[:255],
        )

    def _text(self, path: str, claims: dict[str, Any]) -> str:
        return next(iter(self._found(path, claims)), "")

    @staticmethod
    def _found(path: str, claims: dict[str, Any]) -> list[str]:
        """The texts that ``path`` (JMESPath) leads to."""
        found = jmespath.search(path, claims)
        return [str(one) for one in (found if isinstance(found, list) else [found]) if one]


def _failed(reason: str, error: Exception) -> SignOnFailed:
    log.warning("single sign-on failed", extra={"reason": reason, "error": type(error).__name__})
    return SignOnFailed(reason)


def open_single_sign_on(settings: Settings, secret: str) -> SingleSignOn | None:
    """None where no provider is set. Raises OperatorError."""
    if not settings.oidc_discovery_url:
        return None
    for name in ("oidc_client_id", "oidc_roles"):
        if not getattr(settings, name):
            raise OperatorError(f"ASSISTANT_{name.upper()} is not set; single sign-on needs it")
    if Role.CITIZEN in settings.oidc_roles:
        raise OperatorError("ASSISTANT_OIDC_ROLES: citizens do not sign in")
    if "openid" not in settings.oidc_scope.split():
        raise OperatorError("ASSISTANT_OIDC_SCOPE lacks openid")
    for name in ("oidc_role_claim", "oidc_unit_claim", "oidc_unit_name_claim"):
        try:
            jmespath.compile(getattr(settings, name))
        except jmespath.exceptions.JMESPathError:
            raise OperatorError(f"ASSISTANT_{name.upper()} is no JMESPath expression") from None
    return SingleSignOn(settings, secret)
