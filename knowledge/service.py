"""What the rest of the assistant calls: search, records and answers over one catalogue."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from knowledge import index as index_files
from knowledge.blocks import AnswerBlock
from knowledge.browse import Filter, browse
from knowledge.choosing import Named, Namesakes
from knowledge.deciding import load_decider
from knowledge.encoder import Encoder, load_encoder
from knowledge.index import Facts
from knowledge.index_versions import current_version
from knowledge.passages import Fact
from knowledge.records import Procedure, SectionKey
from knowledge.search import RankedQuestions, Searcher, SearchResult
from knowledge.shaping import NO_WISHES, Wishes, answer
from knowledge.store import CatalogueStore


class Knowledge:
    """One catalogue with its index. Reading is safe from many threads."""

    def __init__(self, store: CatalogueStore, encoder: Encoder, index_dir: Path) -> None:
        self._store = store
        self._encoder = encoder
        self._index_dir = index_dir
        self._load()

    @classmethod
    def open(cls, database_url: str, cache_dir: Path, encoder: str = "default") -> "Knowledge":
        """Open the catalogue and its newest index; raises OperatorError when either is missing."""
        store = CatalogueStore.open(database_url)
        return cls(store, load_encoder(encoder, cache_dir, threads=1), cache_dir / "index")

    @property
    def encoder(self) -> Encoder:
        """The encoder of its index, for other indexes beside it."""
        return self._encoder

    def _load(self) -> None:
        version = current_version(self._index_dir)
        built = index_files.load(self._index_dir)
        aliases = self._store.aliases()
        added: dict[str, list[str]] = {}
        for code, name in aliases:
            added.setdefault(code, []).append(name)
        index = built.with_aliases(added, self._encoder)
        searcher = Searcher(RankedQuestions(index, self._encoder), load_decider(index.folder))
        self._version, self._aliases, self._manifest = version, aliases, built.manifest
        self._asked = np.bincount(index.owner, minlength=len(index.facts))
        self._namesakes = Namesakes(index.facts)
        self._index, self._searcher = index, searcher

    def reload_if_newer(self) -> bool:
        """Load the index again when a newer one serves or the operator's aliases changed.

        Searches under way keep the old one.
        """
        same_index = current_version(self._index_dir) == self._version
        if same_index and self._store.aliases() == self._aliases:
            return False
        self._load()
        return True

    def search(
        self, text: str, *, limit: int = 10, level: str | None = None, field: str | None = None
    ) -> SearchResult:
        """See ``Searcher.search``."""
        return self._searcher.search(text, limit=limit, level=level, field=field)

    def browse(self, chosen: Filter) -> list[Facts]:
        """See ``knowledge.browse.browse``."""
        return browse(chosen, self._index.facts, self._asked)

    def procedure(self, code: str) -> Procedure | None:
        """The record with this national or provincial code, or None."""
        return self._store.procedure(code)

    def at_other_levels(self, procedure: Procedure) -> list[Facts]:
        """See ``Namesakes.at_other_levels``."""
        levels = tuple(map(str, procedure.levels))
        return self._namesakes.at_other_levels(Named(procedure.code, procedure.name, levels))

    def answer(
        self,
        procedure: Procedure,
        sections: Sequence[SectionKey] = (),
        fact: Fact | None = None,
        wishes: Wishes = NO_WISHES,
    ) -> list[AnswerBlock]:
        """See ``knowledge.shaping.answer``."""
        return answer(procedure, sections, fact, wishes)

    def status(self) -> dict[str, Any]:
        """Records, index date (ISO), catalogue hash, and whether the index is of this catalogue."""
        changed = self._store.last_change()
        built = dt.datetime.fromisoformat(self._manifest.built_at)
        if changed is not None and changed.tzinfo is None:
            changed = changed.replace(tzinfo=dt.UTC)
        return {
            "records": self._store.count(),
            "index_built_at": self._manifest.built_at,
            "index_procedures": self._manifest.procedures,
            "catalogue_hash": self._manifest.catalogue_hash,
            "index_current": changed is None or changed <= built + dt.timedelta(seconds=1),
        }
