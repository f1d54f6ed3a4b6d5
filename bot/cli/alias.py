"""``assistant alias``: other names of procedures, live in a running app within half a minute."""

import typer

from bot.cli.output import console, table
from bot.settings import Settings
from knowledge.errors import OperatorError
from knowledge.store import CatalogueStore

app = typer.Typer(help="Everyday names of procedures.", no_args_is_help=True)
LONGEST = 255


def _store() -> CatalogueStore:
    return CatalogueStore.open(Settings().database_url)


@app.command()
def add(code: str, name: str) -> None:
    """Give the procedure CODE another NAME that people may ask by."""
    store, name = _store(), " ".join(name.split())
    procedure = store.procedure(code)
    if procedure is None:
        raise OperatorError(f"alias: no procedure has the code {code}")
    if not name or len(name) > LONGEST:
        raise OperatorError(f"alias: a name has 1 to {LONGEST} characters")
    store.add_alias(procedure.code, name)
    console.print(f"{procedure.code} {procedure.name}: {name}", markup=False)


@app.command()
def remove(code: str, name: str) -> None:
    """Take back a NAME that was added to CODE."""
    if not _store().remove_alias(code, name):
        raise OperatorError(f"alias: {code} has no added name {name!r}")


@app.command("list")
def list_() -> None:
    """List the names that were added."""
    console.print(table("aliases", ["code", "name"], _store().aliases()))
