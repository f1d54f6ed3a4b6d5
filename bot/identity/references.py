"""What an answer is about, as the audit log names it: codes and references, never text."""

from collections.abc import Iterator

from knowledge.blocks import (
    Answer,
    DossierBlock,
    FiguresBlock,
    ProcedureBlock,
    RuleArticleBlock,
    StepsBlock,
)


def references(answer: Answer) -> list[str]:
    """Every record, dossier, article and unit that ``answer`` shows, each once."""
    return list(dict.fromkeys(_named(answer)))


def _named(answer: Answer) -> Iterator[str]:
    for block in answer.blocks:
        if isinstance(block, DossierBlock | ProcedureBlock):
            yield block.code
        elif isinstance(block, FiguresBlock):
            yield block.unit
        elif isinstance(block, RuleArticleBlock):
            yield block.address
        elif isinstance(block, StepsBlock):
            yield block.source.code
