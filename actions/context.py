"""What the actions work with; the app provides it once, before the first turn."""

from dataclasses import dataclass

from connectors.registry import Dossiers
from knowledge.blocks import ContactBlock
from knowledge.rules.service import Rules
from knowledge.service import Knowledge


@dataclass(frozen=True)
class Context:
    """The catalogue, whom a person can turn to (from the operator's settings), the dossier
    systems, whether they are asked with a second factor only, and the rules for officials."""

    knowledge: Knowledge
    contact: ContactBlock
    dossiers: Dossiers
    second_factor: bool = False
    rules: Rules | None = None


_provided: list[Context] = []


def provide(context: Context) -> None:
    """Make ``context`` the one that actions use from now on."""
    _provided[:] = [context]


def current() -> Context:
    """The provided context; LookupError before ``provide`` was called."""
    if not _provided:
        raise LookupError("actions: no context provided; the app calls actions.context.provide")
    return _provided[0]
