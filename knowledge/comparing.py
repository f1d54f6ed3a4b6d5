"""In what the records of procedures differ, word for word."""

from collections.abc import Sequence

from knowledge.answers import head
from knowledge.messages import messages
from knowledge.records import Procedure

Facts = list[tuple[str, str]]


def differences(records: Sequence[Procedure]) -> tuple[list[tuple[str, list[str]]], list[str]]:
    """Facts with the value of each record where they differ, and labels of those that are equal.

    A value that a record does not have is ''.
    """
    told = [dict(_facts(record)) for record in records]
    labels = list(dict.fromkeys(label for facts in told for label in facts))
    rows = [(label, [facts.get(label, "") for facts in told]) for label in labels]
    differ = [row for row in rows if len(set(row[1])) > 1]
    return differ, [label for label, values in rows if len(set(values)) == 1]


def _facts(record: Procedure) -> Facts:
    """The facts of a record that people choose by: label and value as the record has it."""
    texts = messages()["facts"]
    block = head(record)
    papers = sum(len(case.components) for case in record.cases)
    return [
        (texts["level"], block.level),
        *block.facts,
        (texts["papers"], str(papers) if papers else ""),
        (texts["audience"], ", ".join(record.audience)),
        (messages()["sections"]["results"], "; ".join(result.name for result in record.results)),
    ]
