"""``assistant prepare``, ``index``, ``train``, ``doctor``: build what a run needs, check it."""

import asyncio
import contextlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.output import console, progress_bar, table
from bot.conversations import migrate_conversations
from bot.counting import Counts
from bot.dossier_systems import open_systems
from bot.processes import Alone
from bot.settings import Settings, redis_url
from bot.training import ENGINE_PYTHON
from bot.training import train as train_engine
from knowledge.build import build_index
from knowledge.catalogue import SHIPPED, import_paths
from knowledge.database import open_database
from knowledge.encoder import load_encoder
from knowledge.errors import OperatorError
from knowledge.index import Manifest, Progress
from knowledge.rules.index import RuleManifest
from knowledge.rules.index import build as build_rules
from knowledge.rules.service import Rules, rules_dir
from knowledge.rules.store import SHIPPED as SHIPPED_RULES
from knowledge.rules.store import RuleStore
from knowledge.service import Knowledge
from knowledge.store import CatalogueStore


def prepare(
    only: Annotated[Alone | None, typer.Option(help="Build what this part needs alone.")] = None,
) -> None:
    """Build encoder, catalogue, index and engine model; what is already built is kept."""
    settings = Settings()
    if only is not Alone.ENGINE:
        _prepare_app(settings)
    if only is not Alone.APP:
        console.print(f"engine     {_train(settings).name}")


def _prepare_app(settings: Settings) -> None:
    store = CatalogueStore.open(settings.database_url)
    report = import_paths([SHIPPED], store)
    for rejection in report.rejected:
        raise OperatorError(f"{rejection.file}:{rejection.line}: {rejection.reason}")
    console.print(f"catalogue  {store.count()} procedures")
    rules = RuleStore(store.engine)
    for rejection in rules.import_paths([SHIPPED_RULES]).rejected:
        raise OperatorError(f"{rejection.file}:{rejection.line}: {rejection.reason}")
    manifest = _build(store, settings)
    found = _build_rules(rules, settings)
    console.print(f"rules      {found.provisions} articles, {found.entries} passages")
    console.print(f"index      {manifest.procedures} procedures, {manifest.entries} names")


def index() -> None:
    """Build the indexes of catalogue and rules; texts already encoded are not encoded again."""
    settings = Settings()
    store = CatalogueStore.open(settings.database_url)
    found = _build_rules(RuleStore(store.engine), settings)
    manifest = _build(store, settings)
    console.print(
        f"index: {manifest.procedures} procedures, {manifest.entries} names, {manifest.built_at}"
    )
    console.print(f"rules: {found.provisions} articles, {found.entries} passages, {found.built_at}")


def train() -> None:
    """Train the engine's model; nothing to do when one of the same content is there."""
    console.print(str(_train(Settings())))


def doctor() -> None:
    """Check each part a run needs and say in words what is wrong."""
    settings = Settings()
    checks: dict[str, Callable[[], str]] = {
        "catalogue and index": lambda: _check_knowledge(settings),
        "rules": lambda: _check_rules(settings),
        "conversations": lambda: _check_conversations(settings),
        "redis": lambda: asyncio.run(_check_redis(redis_url(settings))),
        "engine environment": _check_engine,
        "engine model": lambda: _train(settings).name,
        "dossier systems": lambda: _check_dossiers(settings),
        "browser (tests)": lambda: shutil.which("chromium") or "missing: apt-get install chromium",
    }
    rows, broken = [], False
    for name, check in checks.items():
        try:
            rows.append((name, "ok", check()))
        except OperatorError as error:
            broken = True
            rows.append((name, "broken", str(error)))
    console.print(table("assistant doctor", ["part", "state", ""], rows))
    if broken:
        raise OperatorError("doctor: a part is broken, see above")


def _check_knowledge(settings: Settings) -> str:
    status = Knowledge.open(settings.database_url, settings.cache_dir).status()
    if not status["index_current"]:
        raise OperatorError("index: older than the catalogue; run `assistant index`")
    return f"{status['records']} procedures, index of {status['index_built_at']}"


def _check_rules(settings: Settings) -> str:
    encoder = load_encoder("default", settings.cache_dir)
    size = Rules(encoder, rules_dir(settings.cache_dir)).size
    if not size:
        raise OperatorError("rules: none are indexed; run `assistant index`")
    return f"{size} articles of all versions"


def _check_conversations(settings: Settings) -> str:
    engine = open_database(settings.conversations_url)
    migrate_conversations(engine)
    engine.dispose()
    return engine.dialect.name


async def _check_redis(url: str) -> str:
    counts = Counts(url)
    try:
        up = await counts.up()
    finally:
        await counts.close()
    if up is False:
        raise OperatorError("redis: does not answer; start it or correct ASSISTANT_REDIS_URL")
    return "answers" if up else "none: limits and locks hold in each process"


def _check_dossiers(settings: Settings) -> str:
    names = ", ".join(open_systems(settings).health())
    return names or "the sandbox of made-up dossiers"


def _check_engine() -> str:
    if not ENGINE_PYTHON.exists():
        raise OperatorError(f"{ENGINE_PYTHON}: missing; run `make env`")
    return str(ENGINE_PYTHON)


def _build(store: CatalogueStore, settings: Settings) -> Manifest:
    encoder = load_encoder("default", settings.cache_dir)
    with _encoding("encoding") as report:
        return build_index(store, encoder, settings.cache_dir / "index", report)


def _build_rules(store: RuleStore, settings: Settings) -> RuleManifest:
    encoder = load_encoder("default", settings.cache_dir)
    with _encoding("rules") as report:
        return build_rules(store.serving(), encoder, rules_dir(settings.cache_dir), report)


@contextlib.contextmanager
def _encoding(what: str) -> Iterator[Progress]:
    """A bar for texts that are being encoded."""
    with progress_bar() as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _train(settings: Settings) -> Path:
    return train_engine(settings.cache_dir / "models")
