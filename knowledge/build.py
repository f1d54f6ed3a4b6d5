"""Build the search index of a catalogue."""

from pathlib import Path

from knowledge import everyday
from knowledge import index as index_files
from knowledge.encoder import Encoder
from knowledge.errors import OperatorError
from knowledge.index import Manifest, Progress
from knowledge.records import Procedure
from knowledge.store import CatalogueStore

PROVINCE = "Lạng Sơn"
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
    return index_files.build(procedures, aliases, encoder, index_dir, report)


def all_aliases(store: CatalogueStore) -> dict[str, list[str]]:
    """Shipped everyday names and those the operator added, by code."""
    found = {code: list(names) for code, names in everyday.aliases().items()}
    for code, name in store.aliases():
        found.setdefault(code, []).append(name)
    return found


def _current(index_dir: Path) -> Manifest | None:
    try:
        return index_files.load(index_dir).manifest
    except OperatorError:
        return None


def serves_province(procedure: Procedure) -> bool:
    """Whether it was issued by a ministry or by this province itself."""
    issuer = procedure.promulgated_by
    return not issuer.startswith(_PROVINCIAL) or PROVINCE in issuer
