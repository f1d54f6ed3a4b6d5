"""The account's access token, renewed with refresh tokens that Zalo takes once.

Both lie encrypted in the database, so that every replica and the next start use the newest. Of
replicas that want to renew, the one whose compare-and-set on ``version`` wins does; the others
wait for its result. A refresh token in the settings is used when it is new, which the row's
``seed``, its hash, tells.
"""

import asyncio
import base64
import datetime as dt
import hashlib
import logging
from dataclasses import dataclass
from typing import Any

import httpx
import sqlalchemy as sa
from cryptography.fernet import Fernet, InvalidToken

from bot.channels.channel import NotNow
from bot.channels.zalo_oa.errors import OPERATOR_SECONDS, REFRESH_USED
from bot.conversations import ConversationStore, metadata, utc_now

log = logging.getLogger(__name__)

_EARLY = dt.timedelta(minutes=10)
"""How long before its end a token is renewed."""
_CLAIM = dt.timedelta(seconds=30)
"""How long others wait for who renews."""
_WAIT_SECONDS = 0.3
_NAME = "zalo_oa"

tokens = sa.Table(
    "channel_tokens",
    metadata,
    sa.Column("channel", sa.String(16), primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("seed", sa.String(64), nullable=False),
    sa.Column("access", sa.Text),
    sa.Column("refresh", sa.Text, nullable=False),
    sa.Column("expires_at", sa.DateTime, nullable=False),
    sa.Column("renewing_until", sa.DateTime, nullable=False),
)
_OURS = tokens.c.channel == _NAME


@dataclass(frozen=True)
class App:
    """The developer's app that acts for the account; ``refresh`` is the token it began with."""

    id: str
    secret: str
    refresh: str


class RefreshUsed(NotNow):
    """The refresh token was used before: the operator must fetch a new one."""

    def __init__(self) -> None:
        super().__init__(
            "refresh token used already: set a new ASSISTANT_ZALO_OA_REFRESH_TOKEN",
            OPERATOR_SECONDS,
        )


class OaTokens:
    """Gives out a token that is good now."""

    def __init__(
        self, store: ConversationStore, app: App, secret: str, http: httpx.AsyncClient, url: str
    ) -> None:
        self._store = store
        self._app = app
        self._http = http
        self._url = f"{url.rstrip('/')}/v4/oa/access_token"
        key = hashlib.sha256(b"channel tokens" + secret.encode()).digest()
        self._fernet = Fernet(base64.urlsafe_b64encode(key))
        self._seed = hashlib.sha256(b"seed" + app.refresh.encode()).hexdigest()

    async def access(self, refused: str | None = None) -> tuple[str, dt.datetime]:
        """A good access token and its end; ``refused``: one that Zalo took no more. Raises NotNow,
        and StoreUnavailable: without the database nobody renews."""
        while True:
            row = await self._store.run(self._read)
            access = self._open(row.access) if row.access else None
            if access and access != refused and row.expires_at - _EARLY > utc_now():
                return access, row.expires_at
            if await self._store.run(self._claim, row):
                return await self._renew(row)
            await asyncio.sleep(_WAIT_SECONDS)

    def _open(self, sealed: str) -> str | None:
        """None where another secret sealed it: ASSISTANT_TOKEN_SECRET was changed."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            return None

    def _seal(self, token: str) -> str:
        return self._fernet.encrypt(token.encode()).decode()

    def _read(self) -> Any:
        """The row; a new one, or a new refresh token in it, where the settings bring one. Of
        replicas that start together one writes the new row."""
        try:
            return self._row()
        except sa.exc.IntegrityError:
            return self._row()

    def _row(self) -> Any:
        past = dt.datetime(2000, 1, 1)
        fresh = {
            "seed": self._seed,
            "access": None,
            "refresh": self._seal(self._app.refresh),
            "expires_at": past,
            "renewing_until": past,
        }
        query = sa.select(tokens).where(_OURS)
        with self._store.begin() as db:
            row = db.execute(query).first()
            if row is None:
                db.execute(sa.insert(tokens).values(channel=_NAME, version=1, **fresh))
            elif row.seed != self._seed:
                change = sa.update(tokens).where(_OURS, tokens.c.version == row.version)
                db.execute(change.values(version=row.version + 1, **fresh))
            else:
                return row
            return db.execute(query).one()

    def _claim(self, row: Any) -> bool:
        mine = sa.update(tokens).where(
            _OURS, tokens.c.version == row.version, tokens.c.renewing_until < utc_now()
        )
        with self._store.begin() as db:
            return bool(db.execute(mine.values(renewing_until=utc_now() + _CLAIM)).rowcount)

    async def _renew(self, row: Any) -> tuple[str, dt.datetime]:
        try:
            given = await self._ask(self._open(row.refresh) or self._app.refresh)
        except NotNow:
            await self._store.run(self._release, row)
            raise
        seconds = int(given.get("expires_in", 3600))
        end = utc_now() + dt.timedelta(seconds=seconds)
        access, refresh = str(given["access_token"]), str(given["refresh_token"])
        await self._store.run(self._keep, row, access, refresh, end)
        log.info("zalo_oa token renewed", extra={"hours": round(seconds / 3600, 1)})
        return access, end

    async def _ask(self, refresh: str) -> dict[str, Any]:
        form = {
            "refresh_token": refresh,
            "app_id": self._app.id,
            "grant_type": "refresh_token",
        }
        try:
            reply = await self._http.post(
                self._url, data=form, headers={"secret_key": self._app.secret}
            )
            given = reply.json()
        except (httpx.HTTPError, ValueError) as error:
            raise NotNow(f"no token: {type(error).__name__}") from None
        if isinstance(given, dict) and {"access_token", "refresh_token"} <= given.keys():
            return given
        code = given.get("error") if isinstance(given, dict) else None
        if code == REFRESH_USED:
            log.error("zalo_oa refresh token used already: set ASSISTANT_ZALO_OA_REFRESH_TOKEN")
            raise RefreshUsed
        raise NotNow(f"no token: error {code}")

    def _keep(self, row: Any, access: str, refresh: str, end: dt.datetime) -> None:
        mine = sa.update(tokens).where(_OURS, tokens.c.version == row.version)
        with self._store.begin() as db:
            db.execute(
                mine.values(
                    version=row.version + 1,
                    access=self._seal(access),
                    refresh=self._seal(refresh),
                    expires_at=end,
                    renewing_until=utc_now(),
                )
            )

    def _release(self, row: Any) -> None:
        mine = sa.update(tokens).where(_OURS, tokens.c.version == row.version)
        with self._store.begin() as db:
            db.execute(mine.values(renewing_until=utc_now()))
