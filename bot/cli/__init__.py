"""The command ``assistant``. Each command is thin: the work is in the packages."""

import asyncio
import json
import os
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from sqlalchemy.exc import SQLAlchemyError

from bot import retention
from bot.cli import alias, catalogue, channels, conversation, migrate, prepare, rules, user
from bot.cli.output import console, errors, table
from bot.conversations import ConversationStore, StoreUnavailable
from bot.processes import Alone
from bot.settings import Settings
from knowledge.database import reason
from knowledge.errors import OperatorError
from knowledge.evaluate import evaluate as evaluate_questions
from knowledge.evaluate import read_rows
from knowledge.rules.evaluate import evaluate_rules
from knowledge.service import Knowledge
from knowledge.text.noise import NOISES

app = typer.Typer(
    help="Virtual assistant for administrative procedures.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.add_typer(catalogue.app, name="catalogue")
app.add_typer(alias.app, name="alias")
app.add_typer(channels.app, name="channels")
app.add_typer(rules.app, name="rules")
app.add_typer(user.app, name="user")
app.command("audit")(user.audit)
app.command("prepare")(prepare.prepare)
app.command("index")(prepare.index)
app.command("train")(prepare.train)
app.command("migrate")(migrate.migrate)
app.command("doctor")(prepare.doctor)
app.command("chat")(conversation.chat)
app.command("ask")(conversation.ask)
app.command("dossier")(conversation.dossier)

JsonFlag = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@app.command()
def run(
    telegram_polling: Annotated[
        bool,
        typer.Option(
            "--telegram-polling", help="Ask Telegram for updates: needs no public address."
        ),
    ] = False,
    only: Annotated[
        Alone | None, typer.Option(help="Run this part alone, in place of this process.")
    ] = None,
) -> None:
    """Start engine and app, keep them running, and print the page's address."""
    from bot.supervisor import become, part_alone
    from bot.supervisor import run as supervise

    if telegram_polling:
        os.environ["ASSISTANT_TELEGRAM_POLLING"] = "true"
    if only is not None:
        become(part_alone(Settings(), only))
    raise typer.Exit(supervise(Settings()))


@app.command()
def evaluate(
    file: Annotated[Path, typer.Argument(help="Questions, one JSON object a line.")],
    noise: Annotated[str | None, typer.Option(help=f"One of {', '.join(NOISES)}.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Measure search on labelled questions: ranks, decisions, speed, with 95 % intervals.

    Questions with ``relevant_articles`` are asked of the rules.
    """
    if noise is not None and noise not in NOISES:
        raise OperatorError(f"--noise {noise}: choose one of {', '.join(NOISES)}")
    settings = Settings()
    questions = list(read_rows(file))
    if questions and all(row.get("relevant_articles") for row in questions):
        asked = rules.search_as_official(settings)
        measures = evaluate_rules(questions, asked, noise)
    else:
        knowledge = Knowledge.open(settings.database_url, settings.cache_dir)
        measures = evaluate_questions(file, knowledge.search, noise)
    if as_json:
        print(json.dumps(measures))
        return
    rows = [
        (name, str(value), str(measures.get(f"{name}_ci") or ""))
        for name, value in measures.items()
        if not name.endswith("_ci") and value is not None
    ]
    console.print(table(f"{file.name} {noise or ''}", ["measure", "value", "95 %"], rows))


@app.command()
def purge() -> None:
    """Delete what is older than the retention time now, and report how many.

    What the engine remembers of a deleted conversation is erased by the running app.
    """
    settings = Settings()
    store = ConversationStore(settings.conversations_url)
    try:
        report = asyncio.run(retention.purge(store, settings.retention_days))
    except StoreUnavailable:
        raise OperatorError("ASSISTANT_CONVERSATIONS_URL: the database does not answer") from None
    finally:
        store.close()
    rows = [(what.replace("_", " "), str(count)) for what, count in report.items()]
    console.print(table("purged", ["what", "how many"], rows))


def main() -> None:
    """Run the command; an error for the operator is one line and exit code 1."""
    try:
        app()
    except OperatorError as error:
        _fail(str(error))
    except SQLAlchemyError as error:
        _fail(f"database: {reason(error)}")


def _fail(why: str) -> NoReturn:
    errors.print(f"error: {why}", markup=False, highlight=False, soft_wrap=True)
    raise SystemExit(1)
