"""The app: ``uvicorn --factory bot.app:create_app``."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.openapi.utils import get_openapi
from rasa_sdk.executor import ActionExecutor
from sqlalchemy.exc import SQLAlchemyError
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from actions.context import Context, provide
from bot import health, logs
from bot.action_server import listen, registered_actions, serving
from bot.channels import api, plain_page, webhooks
from bot.channels.opening import open_desk
from bot.channels.static import static_routes
from bot.conversations import ConversationStore
from bot.counting import Counts
from bot.dossier_systems import open_systems
from bot.engine import Engine
from bot.identity import account, signing_in
from bot.identity.parts import open_identity
from bot.limits import Limits, Lookups
from bot.messages import message
from bot.metrics import Metrics
from bot.middleware import Guard
from bot.notice_log import NoticeLog
from bot.notices import contact_block, first_notice
from bot.problems import ProblemDetails, handle_problems
from bot.retention import sweep_for_ever
from bot.services import Services
from bot.settings import Settings, redis_url, shared_engine_secret, token_secret
from bot.tokens import Tokens
from bot.tracing import Tracing
from bot.turns import Turns
from connectors.registry import Dossiers
from knowledge.errors import OperatorError
from knowledge.rules.service import Rules, rules_dir
from knowledge.service import Knowledge

log = logging.getLogger(__name__)
_RELOAD_SECONDS = 30.0


def create_app() -> FastAPI:
    """The app with settings from the environment. An OperatorError ends the process in one line."""
    try:
        settings = Settings()
        logs.configure(settings.log_level)
        catalogue = Knowledge.open(settings.database_url, settings.cache_dir)
        rules = Rules(catalogue.encoder, rules_dir(settings.cache_dir))
        dossiers = open_systems(settings)
        second_factor = settings.dossier_second_factor
        provide(Context(catalogue, contact_block(settings), dossiers, second_factor, rules))
        return build_app(settings, catalogue, registered_actions(), dossiers, rules)
    except OperatorError as error:
        raise SystemExit(str(error)) from None


def build_app(
    settings: Settings,
    catalogue: Knowledge,
    executor: ActionExecutor,
    dossiers: Dossiers,
    rules: Rules | None = None,
) -> FastAPI:
    """The app over an open catalogue; takes the actions' port at once. Raises OperatorError."""
    parts = _services(settings, catalogue, dossiers, rules)
    listener = listen(settings.action_port, settings.action_host)
    secret = shared_engine_secret(settings)

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        channels = parts.desk.working(polling=settings.telegram_polling)
        async with serving(executor, secret, listener), _background(parts), channels:
            yield
        await parts.engine.close()
        await parts.dossiers.close()
        await parts.counts.close()
        parts.store.close()
        await asyncio.to_thread(parts.tracing.close)

    app = FastAPI(
        title=message("assistant_name"), version="1", docs_url=None, redoc_url=None,
        lifespan=lifespan,
    )  # fmt: skip
    app.state.services = parts
    app.state.action_port = listener.getsockname()[1]
    pages = (plain_page.router, signing_in.router, account.router, static_routes())
    for router in (api.router, health.router, webhooks.router, *pages):
        app.include_router(router)
    handle_problems(app)
    _describe(app)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=settings.allowed_origins,
        allow_methods=["GET", "POST", "DELETE"],
        allow_headers=["Authorization", "Content-Type"],
        expose_headers=["Retry-After", "RateLimit", "RateLimit-Policy"],
    )
    app.add_middleware(Guard)
    app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=settings.trusted_proxies)
    return app


def _services(
    settings: Settings, catalogue: Knowledge, dossiers: Dossiers, rules: Rules | None
) -> Services:
    engine = Engine(settings.engine_url, shared_engine_secret(settings))
    store = ConversationStore(settings.conversations_url)
    metrics = Metrics()
    counts = Counts(redis_url(settings))
    limits = Limits(settings.limit_conversation, settings.limit_address, counts, metrics)
    secret = token_secret(settings)
    identity = open_identity(settings, store, secret)
    tracing = Tracing(settings)
    notices = NoticeLog(store, first_notice(settings).text)
    lookups = Lookups(counts, second_factor=settings.dossier_second_factor)
    turns = Turns(settings, engine, store, limits, lookups, metrics, identity.audit, tracing)
    return Services(
        settings=settings,
        catalogue=catalogue,
        dossiers=dossiers,
        engine=engine,
        store=store,
        tokens=Tokens(secret, settings.retention_days),
        counts=counts,
        limits=limits,
        turns=turns,
        metrics=metrics,
        tracing=tracing,
        identity=identity,
        notices=notices,
        desk=open_desk(settings, store, turns, limits, identity, notices, secret),
        rules=rules,
    )


@contextlib.asynccontextmanager
async def _background(parts: Services) -> AsyncIterator[None]:
    days = parts.settings.retention_days
    tasks = [
        asyncio.create_task(sweep_for_ever(parts.store, parts.engine, days, parts.metrics)),
        asyncio.create_task(_reload_for_ever(parts.catalogue, parts.rules)),
    ]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _reload_for_ever(*indexed: Knowledge | Rules | None) -> None:
    """Takes newer indexes when there are any; the old ones serve until they are loaded, and on
    where a new one is damaged or the catalogue's database is away."""
    while True:
        await asyncio.sleep(_RELOAD_SECONDS)
        for part in indexed:
            if part is None:
                continue
            try:
                await asyncio.to_thread(part.reload_if_newer)
            except OperatorError as error:
                log.error("new index left, the old one serves", extra={"reason": str(error)})
            except SQLAlchemyError as error:
                log.error("catalogue does not answer", extra={"error": type(error).__name__})


def _describe(app: FastAPI) -> None:
    """Makes ``/openapi.json`` tell the truth: every validation error is a problem."""

    def openapi() -> dict[str, object]:
        if app.openapi_schema is None:
            schema = get_openapi(title=app.title, version=app.version, routes=app.routes)
            parts = schema["components"]["schemas"]
            for unused in ("HTTPValidationError", "ValidationError"):
                parts.pop(unused, None)
            parts["ProblemDetails"] = ProblemDetails.model_json_schema()
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]
