"""``assistant rules``: the documents that officials ask about."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.output import console, table
from bot.settings import Settings
from knowledge.encoder import load_encoder
from knowledge.errors import OperatorError
from knowledge.roles import Role
from knowledge.rules.search import RuleResult
from knowledge.rules.service import Rules, rules_dir
from knowledge.rules.store import RuleStore

app = typer.Typer(help="Rule documents for officials.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keeps ``import`` a command of its own."""


@app.command("import")
def import_(
    paths: Annotated[list[Path], typer.Argument(help="DOCX, PDF, HTML, Markdown, JSONL; folders.")],
) -> None:
    """Import rule documents; `assistant index` makes them searchable."""
    report = RuleStore.open(Settings().database_url).import_paths(paths)
    if not report.new + report.changed + report.same:
        first = next(iter(report.rejected), None)
        told = f"{first.file}: {first.reason}" if first else "rules: no document in these paths"
        raise OperatorError(told)
    console.print(f"documents: {report.new} new, {report.changed} changed, {report.same} same")
    if report.rejected:
        rows = [(Path(r.file).name, str(r.line), r.reason) for r in report.rejected]
        console.print(table("not read", ["file", "line", "reason"], rows))


def search_as_official(settings: Settings) -> Callable[[str], RuleResult]:
    """The search over rules as an official has it; raises OperatorError where nothing is built."""
    encoder = load_encoder("default", settings.cache_dir)
    rules = Rules(encoder, rules_dir(settings.cache_dir))
    if not rules.size:
        raise OperatorError(
            "rules: none are indexed; run `assistant rules import PATH...`, `index`"
        )
    return lambda text: rules.search(text, Role.OFFICIAL)
