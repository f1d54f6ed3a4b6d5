"""``assistant catalogue``: import, show, diff, export, report."""

import json
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.output import console, progress_bar, table
from bot.settings import Settings
from knowledge.catalogue import import_paths
from knowledge.errors import OperatorError
from knowledge.importers import open_source
from knowledge.parse_report import parse_report, render
from knowledge.records import SourceRecord
from knowledge.store import CatalogueStore

app = typer.Typer(help="The catalogue of procedures.", no_args_is_help=True)
Paths = Annotated[list[Path], typer.Argument(help="Files or folders; formats are told by content.")]
SHOWN_REJECTIONS = 20


def _store() -> CatalogueStore:
    return CatalogueStore.open(Settings().database_url)


@app.command("import")
def import_(
    paths: Paths,
    every: Annotated[bool, typer.Option("--all", help="List every rejection.")] = False,
) -> None:
    """Import files, all or nothing, and print what changed and how far texts were parsed."""
    with progress_bar() as bar:
        task = bar.add_task("records", total=None)
        report = import_paths(paths, _store(), lambda done: bar.update(task, completed=done))
    counts = [
        ("read", str(report.read)),
        ("new", str(report.new)),
        ("changed", str(report.changed)),
        ("same", str(report.same)),
        ("rejected", str(len(report.rejected))),
    ]
    console.print(table("catalogue import", ["procedures", "count"], counts))
    shown = report.rejected if every else report.rejected[:SHOWN_REJECTIONS]
    for rejection in shown:
        console.print(
            f"{rejection.file}:{rejection.line}: {rejection.reason}",
            highlight=False, markup=False, soft_wrap=True,
        )  # fmt: skip
    if len(shown) < len(report.rejected):
        console.print(f"... {len(report.rejected) - len(shown)} more; --all lists them")
    _print_parse_report(paths)
    if report.new or report.changed:
        console.print("Run `assistant index` to search what changed.")


@app.command()
def report(paths: Paths) -> None:
    """Print how far each section of the files was parsed, without importing them."""
    _print_parse_report(paths)


def _print_parse_report(paths: list[Path]) -> None:
    items = (item for path in paths for item in open_source(path))
    console.print(render(parse_report(i for i in items if isinstance(i, SourceRecord))))


@app.command()
def show(code: str) -> None:
    """Print one record as JSON, with the source of every field."""
    procedure = _store().procedure(code)
    if procedure is None:
        raise OperatorError(f"catalogue: no procedure has the code {code}")
    print(procedure.model_dump_json(indent=1, exclude_defaults=True))


@app.command()
def diff() -> None:
    """Print what the last import that changed anything changed, field by field."""
    store = _store()
    moment = store.last_change()
    if moment is None:
        raise OperatorError("catalogue: empty; run `assistant catalogue import PATH...`")
    rows = []
    for before, now in store.changed_since(moment):
        old = before.model_dump(mode="json") if before else {}
        new = now.model_dump(mode="json")
        fields = [name for name in new if before and new[name] != old.get(name)]
        rows.append((now.code, "changed" if before else "new", ", ".join(fields), now.name))
    console.print(table(f"since {moment:%Y-%m-%d %H:%M}", ["code", "", "fields", "name"], rows))


@app.command()
def export(path: Annotated[Path, typer.Argument(help="File to write, JSON lines.")]) -> None:
    """Write every record in force as one JSON object a line."""
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for procedure in _store().all_procedures():
            file.write(json.dumps(procedure.model_dump(mode="json"), ensure_ascii=False) + "\n")
            count += 1
    console.print(f"{path}: {count} procedures")
