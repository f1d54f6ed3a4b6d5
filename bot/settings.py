"""Settings of the app: environment variables ``ASSISTANT_*``. Described in ``docs/settings.md``."""

import os
import secrets
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from knowledge.errors import OperatorError
from knowledge.roles import Role

Names = Annotated[list[str], NoDecode]


class Settings(BaseSettings):
    """Lists are written with commas. No secret has a default."""

    model_config = SettingsConfigDict(env_prefix="ASSISTANT_", extra="ignore")

    host: str = Field(default="127.0.0.1", description="address the app listens on")
    port: int = Field(default=8000, description="port the app listens on")
    var_dir: Path = Field(default=Path("var"), description="folder of what the app writes")
    cache_dir: Path = Field(
        default=Path(".cache"), description="folder of built things: encoder, index"
    )
    database_url: str = Field(
        default="sqlite:///var/assistant.db", description="SQLAlchemy URL of the catalogue"
    )
    conversations_url: str = Field(
        default="sqlite:///var/conversations.db",
        description="SQLAlchemy URL of the conversations; may equal the catalogue's",
    )
    redis_url: SecretStr | None = Field(
        default=None,
        description="URL of Redis, where replicas count limits together and engines lock "
        "conversations; each process does so alone when unset",
    )
    engine_url: str = Field(default="http://127.0.0.1:5005", description="where the engine listens")
    engine_secret: SecretStr | None = Field(
        default=None,
        description="secret shared with the engine; `assistant run` mints one when unset",
    )
    action_host: str = Field(
        default="127.0.0.1", description="address on which the engine calls the actions"
    )
    action_port: int = Field(default=5055, description="port where the engine calls the actions")
    token_secret: SecretStr | None = Field(
        default=None, description="signs conversation tokens; minted into the var folder when unset"
    )
    dossier_systems: Path | None = Field(
        default=None,
        description="YAML file that names the dossier systems; `assistant run` starts a sandbox "
        "of made-up dossiers when unset",
    )
    dossier_second_factor: bool = Field(
        default=False,
        description="show a dossier only after the last four digits of the applicant's identity "
        "or phone number",
    )
    allowed_origins: Names = Field(
        default=[],
        description="origins of the sites that embed the widget, such as https://example.gov.vn",
    )
    trusted_proxies: Names = Field(
        default=[],
        description="addresses or networks of the reverse proxies that set X-Forwarded-For",
    )
    limit_conversation: int = Field(
        default=20, gt=0, description="messages a minute in one conversation or of one person"
    )
    limit_address: int = Field(
        default=1500,
        ge=5,
        description="points a minute from one address: a message costs 5, a search 2, others 1",
    )
    retention_days: int = Field(default=30, gt=0, description="days that conversation text is kept")
    session_idle_minutes: int = Field(
        default=30,
        gt=0,
        description="minutes after which an official who does nothing is signed out",
    )
    oidc_discovery_url: str = Field(
        default="",
        description="address of the identity provider's openid-configuration; officials sign in "
        "with local accounts alone when unset",
    )
    oidc_client_id: str = Field(default="", description="the assistant's name at the provider")
    oidc_client_secret: SecretStr | None = Field(
        default=None, description="its secret; unset for a public client"
    )
    oidc_scope: str = Field(default="openid profile", description="what the provider is asked for")
    oidc_role_claim: str = Field(
        default="role", description="JMESPath from the provider's claims to a person's roles"
    )
    oidc_roles: dict[Role, list[str]] = Field(
        default={},
        description="JSON: our roles and the provider's names of them, such as "
        '{"official": ["can-bo"], "admin": ["quan-tri"]}',
    )
    oidc_unit_claim: str = Field(
        default="unit", description="JMESPath to the agency code of their unit, such as H37.12"
    )
    oidc_unit_name_claim: str = Field(
        default="unit_name", description="JMESPath to the name of their unit"
    )
    operator: str = Field(
        default="", description="who runs the assistant, named in the first notice"
    )
    hotline: str = Field(
        default="", description="phone number people may call; not shown when unset"
    )
    office: str = Field(
        default="", description="name, address and hours of the one-stop department"
    )
    public_url: str = Field(
        default="",
        description="https address under which the world reaches the app; webhooks are registered "
        "under it, links to our own pages lead there",
    )
    telegram_token: SecretStr | None = Field(
        default=None, description="token of the Telegram bot, from @BotFather"
    )
    telegram_secret: SecretStr | None = Field(
        default=None, description="what Telegram sends along with every update"
    )
    telegram_polling: bool = Field(
        default=False, description="ask Telegram for updates; `run --telegram-polling` sets it"
    )
    telegram_api_url: str = Field(
        default="https://api.telegram.org", description="address of the Bot API"
    )
    zalo_oa_app_id: str = Field(default="", description="id of the app that acts for the account")
    zalo_oa_app_secret: SecretStr | None = Field(
        default=None, description="secret key of that app; renews tokens"
    )
    zalo_oa_secret: SecretStr | None = Field(
        default=None, description="secret key of the Official Account; signs its events"
    )
    zalo_oa_refresh_token: SecretStr | None = Field(
        default=None, description="first refresh token; later ones are kept in the database"
    )
    zalo_oa_api_url: str = Field(
        default="https://openapi.zalo.me", description="address of the OA API"
    )
    zalo_oa_oauth_url: str = Field(
        default="https://oauth.zaloapp.com", description="address that renews OA tokens"
    )
    zalo_bot_token: SecretStr | None = Field(default=None, description="token of the Zalo bot")
    zalo_bot_secret: SecretStr | None = Field(
        default=None, description="what the Zalo Bot Platform sends along with every event"
    )
    zalo_bot_api_url: str = Field(
        default="https://bot-api.zaloplatforms.com", description="address of the bot API"
    )
    trace_url: str = Field(default="", description="OTLP address that turns are sent to as traces")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="least severe log line that is written"
    )

    @field_validator("allowed_origins", "trusted_proxies", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return [part.strip().rstrip("/") for part in value.split(",") if part.strip()]
        return value


def redis_url(settings: Settings) -> str:
    """The URL of Redis; '' where none is set."""
    return settings.redis_url.get_secret_value() if settings.redis_url else ""


def shared_engine_secret(settings: Settings) -> str:
    """The secret that app and engine share; raises OperatorError where it is not set."""
    if settings.engine_secret is None or not settings.engine_secret.get_secret_value():
        raise OperatorError(
            "ASSISTANT_ENGINE_SECRET is not set: start with `assistant run`, which mints one, "
            "or set the same value for app and engine"
        )
    return settings.engine_secret.get_secret_value()


def token_secret(settings: Settings) -> str:
    """The secret that signs tokens: the setting, else ``token-secret`` in the var folder.

    The file is made at the first start, readable by its owner alone. Raises OperatorError when
    it can neither be read nor made.
    """
    if settings.token_secret is not None and settings.token_secret.get_secret_value():
        return settings.token_secret.get_secret_value()
    path = settings.var_dir / "token-secret"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return path.read_text(encoding="ascii").strip()
        secret = secrets.token_urlsafe(32)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secret + "\n")
        return secret
    except OSError as error:
        raise OperatorError(
            f"{path}: {error.strerror}; make the folder writable or set ASSISTANT_TOKEN_SECRET"
        ) from error
