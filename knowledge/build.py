"""Build the search index of a catalogue."""

from pathlib import Path

import numpy as np

from knowledge import everyday
from knowledge import index as index_files
from knowledge.deciding import (
    DECIDER,
    Decision,
    Origin,
    features,
    kept_decider,
    load_decider,
    train,
)
from knowledge.encoder import Encoder
from knowledge.errors import OperatorError
from knowledge.everyday import Example
from knowledge.index import Index, Manifest, Progress
from knowledge.index_versions import version_folder
from knowledge.records import Procedure
from knowledge.search import RankedQuestions
from knowledge.store import CatalogueStore
from knowledge.text.folding import fold

PROVINCE = "Lạng Sơn"
FEW_ANSWERS = 50  # examples of an answer; with fewer, names are taught too
NAMES_TAUGHT = 500
RANKED_OF = 4  # two of so many examples are ranked, one of them without diacritics; ranking is slow
_PROVINCIAL = ("UBND", "Trung tâm phục vụ hành chính công", "Sở ")


def build_index(
    store: CatalogueStore, encoder: Encoder, index_dir: Path, progress: Progress | None = None
) -> Manifest:
    """Build and swap in the index of the catalogue in ``store``; nothing to do when it is current.

    Procedures that another province issued for itself are left out: nobody can file them here.
    """
    procedures = [p for p in store.all_procedures() if serves_province(p)]
    if not procedures:
        raise OperatorError("catalogue: empty; run `assistant catalogue import PATH...` first")
    aliases = all_aliases(store)
    current = _current(index_dir)
    fresh = (index_files.catalogue_hash(procedures, aliases), encoder.id, index_files.FORMAT)
    if current and (current.catalogue_hash, current.encoder, current.format) == fresh:
        return current
    report = progress or (lambda done, total: None)
    serving = version_folder(index_dir)
    return index_files.build(
        procedures,
        aliases,
        encoder,
        index_dir,
        report,
        lambda folder: learn(folder, encoder, serving),
    )


def learn(folder: Path, encoder: Encoder, serving: Path | None) -> None:
    """Train the decision on the shipped examples, ranked by the index in ``folder``; every other
    one without diacritics.

    The decider of the version that was ``serving`` is kept when it learned from the same examples
    and encoder over about as many procedures: a changed record changes no decision.
    """
    index = index_files.read(folder)
    origin = Origin.of(f"{encoder.id} {index_files.FORMAT}", len(index.facts))
    if serving is not None and (kept := kept_decider(serving, origin)):
        kept.save(folder / DECIDER)
        return
    ranking = RankedQuestions(index, encoder)
    examples = _examples(index)
    said = [ranking.read(fold(row.say) if at % 2 else row.say) for at, row in enumerate(examples)]
    vectors = ranking.encode_all(said)
    ranked = {
        at: features(question, ranking.order(question, vectors[at]), vectors[at][0])
        for at, question in enumerate(said)
        if at % RANKED_OF < 2
    }
    decisions = [Decision(row.decision) for row in examples]
    remembered = np.stack([pair[0] for pair in vectors])
    train(remembered, decisions, ranked, origin).save(folder / DECIDER)


def _examples(index: Index) -> list[Example]:
    """The shipped examples that hold for this index. A catalogue that has next to none of their
    procedures teaches what an answer is by its own names."""
    codes = {facts.code for facts in index.facts}
    answers = [row for row in everyday.decisions() if row.code in codes]
    if len(answers) < FEW_ANSWERS:
        answers += [Example(f.name, Decision.ANSWER, f.code) for f in index.facts[:NAMES_TAUGHT]]
    return answers + [row for row in everyday.decisions() if row.code is None]


def all_aliases(store: CatalogueStore) -> dict[str, list[str]]:
    """Shipped everyday names and those the operator added, by code."""
    found = {code: list(names) for code, names in everyday.aliases().items()}
    for code, name in store.aliases():
        found.setdefault(code, []).append(name)
    return found


def _current(index_dir: Path) -> Manifest | None:
    try:
        index = index_files.load(index_dir)
        load_decider(index.folder)
        return index.manifest
    except OperatorError:
        return None


def serves_province(procedure: Procedure) -> bool:
    """Whether it was issued by a ministry or by this province itself."""
    issuer = procedure.promulgated_by
    return not issuer.startswith(_PROVINCIAL) or PROVINCE in issuer
