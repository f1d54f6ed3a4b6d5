"""The search index: a versioned directory built from the catalogue, swapped in atomically.

``<index dir>/<version>/`` holds ``manifest.json``, ``entries.json``, ``dense.faiss`` (flat, inner
product over L2-normalised vectors: one for every name and alias), ``names/`` and ``bodies/``
(BM25 over folded 1-2-grams of names and of whole records), ``restorer.json`` and ``decider.npz``.
A version that does not match its manifest is refused.
"""

import datetime as dt
import hashlib
import itertools
import json
import logging
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import bm25s
import faiss
import numpy as np
from numpy.typing import NDArray

from knowledge import everyday
from knowledge.encoder import Encoder, Vectors
from knowledge.errors import OperatorError
from knowledge.index_versions import new_version, version_folder
from knowledge.records import Procedure
from knowledge.text.folding import words
from knowledge.text.restoring import Restorer

FORMAT = 16  # raise when what a version holds, or how it is searched, changes
NEAREST = 200  # entries that dense search looks at
AGREEING = 3  # nearest names of one procedure whose mean tells how well they agree
TAUGHT_BY_NAMES = 5  # how much more a name teaches spelling than a section
TAUGHT_BY_SAYINGS = 50  # and an everyday sentence, of which there are few
Scores = NDArray[np.float32]
logging.getLogger("bm25s").setLevel(logging.WARNING)
faiss.omp_set_num_threads(1)  # a flat search of one vector is quicker without threads
Progress = Callable[[int, int], None]
Aliases = Mapping[str, Sequence[str]]
"""Other names of procedures by code, beside those a record carries."""


@dataclass(frozen=True)
class Entry:
    """One searchable text of a procedure; ``row`` is the procedure's position in the index."""

    row: int
    kind: str  # "name" or "alias"
    text: str


class Searchable(Protocol):
    """Anything with a text to encode."""

    @property
    def text(self) -> str: ...


@dataclass(frozen=True)
class Manifest:
    format: int
    catalogue_hash: str
    encoder: str
    procedures: int
    entries: int
    built_at: str


@dataclass(frozen=True)
class Facts:
    """What search and lists need of a procedure. ``free``: the record says so and nothing else."""

    code: str
    name: str
    levels: tuple[str, ...]
    field: str
    state: str
    service_level: str | None = None
    free: bool = False

    @classmethod
    def of(cls, record: Procedure) -> "Facts":
        """The facts of one record."""
        return cls(
            record.code, record.name, tuple(record.levels),
            unicodedata.normalize("NFC", record.field), record.state,
            record.service_level, record.is_free,
        )  # fmt: skip


@dataclass
class Index:
    """A loaded version. ``owner[i]`` is the procedure row of entry ``i``; ``count[row]`` how many
    entries a procedure has, ``agreeing[row]`` how many of them its mean is taken over."""

    folder: Path
    manifest: Manifest
    facts: list[Facts]
    entries: list[Entry]
    dense: Any
    names: bm25s.BM25
    bodies: bm25s.BM25
    restorer: Restorer

    def __post_init__(self) -> None:
        self.owner = np.array([entry.row for entry in self.entries], dtype=np.int64)
        self.count = np.bincount(self.owner, minlength=len(self.facts))
        self.agreeing = np.minimum(self.count, AGREEING).astype(np.float32)

    def with_aliases(self, aliases: Aliases, encoder: Encoder) -> "Index":
        """This index with more names; only those are encoded. Codes it lacks are passed over."""
        row_of = {facts.code: row for row, facts in enumerate(self.facts)}
        known = {(entry.row, entry.text) for entry in self.entries}
        added = [
            Entry(row_of[code], "alias", text)
            for code, texts in aliases.items()
            for text in texts
            if code in row_of and (row_of[code], text) not in known
        ]
        if not added:
            return self
        dense = faiss.clone_index(self.dense)
        dense.add(encoder.encode_passages([entry.text for entry in added]))
        entries = [*self.entries, *added]
        names = lexical([grams(entry.text) for entry in entries])
        return replace(self, entries=entries, dense=dense, names=names)

    def dense_scores(self, vector: Vectors) -> tuple[Scores, Scores]:
        """Per procedure the best cosine of ``vector`` (dim,) with any of its entries, and the mean
        of its three best (of all, where it has fewer), each of shape (procedures,).

        An entry that is not near counts with the lowest cosine found.
        """
        similar, ids = self.dense.search(vector[None], min(NEAREST, len(self.entries)))
        similar, owner = similar[0][ids[0] >= 0], self.owner[ids[0][ids[0] >= 0]]
        lowest = similar.min(initial=1.0)
        best = np.full(len(self.facts), lowest, dtype=np.float32)
        np.maximum.at(best, owner, similar)
        order = np.argsort(owner, kind="stable")  # best first within each owner
        owner, above = owner[order], similar[order] - lowest
        place = np.arange(len(owner)) - np.searchsorted(owner, owner)
        counted = place < AGREEING
        mean = np.full(len(self.facts), lowest, dtype=np.float32)
        np.add.at(mean, owner[counted], (above / self.agreeing[owner])[counted])
        return best, mean

    def name_scores(self, grams: list[str]) -> Scores:
        """Best BM25 of the grams with any entry of each procedure, shape (procedures,)."""
        if not grams:
            return np.zeros(len(self.facts), dtype=np.float32)
        scores = self.names.get_scores(grams)
        best = np.zeros(len(self.facts), dtype=np.float32)
        np.maximum.at(best, self.owner, scores)
        return best

    def body_scores(self, grams: list[str]) -> Scores:
        """BM25 of the grams with the whole record, shape (procedures,)."""
        if not grams:
            return np.zeros(len(self.facts), dtype=np.float32)
        scores: Scores = self.bodies.get_scores(grams)
        return scores


def grams(text: str) -> list[str]:
    """Folded words and pairs of neighbouring words of ``text``."""
    single = words(text)
    return single + [f"{a}_{b}" for a, b in itertools.pairwise(single)]


def entries_of(procedures: Iterable[Procedure], aliases: Aliases) -> list[Entry]:
    """Name and aliases (its own, then those of ``aliases``) of each procedure, in order."""
    entries = []
    for row, procedure in enumerate(procedures):
        entries.append(Entry(row, "name", procedure.name))
        names = dict.fromkeys([*procedure.aliases, *aliases.get(procedure.code, ())])
        entries += [Entry(row, "alias", alias) for alias in names]
    return entries


def body_of(procedure: Procedure) -> str:
    """All text of a record that a question may touch, for lexical search."""
    sections = " ".join(section.verbatim for section in procedure.sections.values())
    return " ".join([procedure.name, procedure.field, *procedure.aliases, sections])


def catalogue_hash(procedures: Iterable[Procedure], aliases: Aliases) -> str:
    """SHA-256 over the records' own hashes, their aliases and the everyday data, hex."""
    digest = hashlib.sha256(everyday.digest().encode())
    for procedure in procedures:
        digest.update(procedure.content_hash().encode())
        digest.update("\n".join(aliases.get(procedure.code, ())).encode())
    return digest.hexdigest()


def build(
    procedures: list[Procedure],
    aliases: Aliases,
    encoder: Encoder,
    index_dir: Path,
    progress: Progress,
    complete: Callable[[Path], None],
) -> Manifest:
    """Build a version from ``procedures`` (in code order) and make it the one that serves.

    ``complete(folder)`` adds what is learned from the version's own files before it serves.

    Texts that the serving version has encoded with the same encoder are not encoded again.
    """
    digest = catalogue_hash(procedures, aliases)
    entries = entries_of(procedures, aliases)
    manifest = Manifest(
        FORMAT, digest, encoder.id, len(procedures), len(entries),
        dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
    )  # fmt: skip
    version = f"{digest[:12]}-{encoder.id[-6:]}-{FORMAT}"
    with new_version(index_dir, version) as folder:
        known = known_vectors(index_dir, encoder.id)
        _write(folder, manifest, procedures, entries, encoder, known, progress)
        complete(folder)
    return manifest


def _write(
    folder: Path, manifest: Manifest, procedures: list[Procedure], entries: list[Entry],
    encoder: Encoder, known: dict[str, Vectors], progress: Progress,
) -> None:  # fmt: skip
    vectors = encode(entries, encoder, known, progress)
    dense = faiss.IndexFlatIP(encoder.dim)
    dense.add(vectors)
    (folder / "dense.faiss").write_bytes(faiss.serialize_index(dense).tobytes())
    lexical([grams(entry.text) for entry in entries]).save(str(folder / "names"))
    lexical([grams(body_of(procedure)) for procedure in procedures]).save(str(folder / "bodies"))
    said = ((text, TAUGHT_BY_SAYINGS) for text in everyday.texts())
    taught = (pair for procedure in procedures for pair in _teaching(procedure))
    Restorer.count(itertools.chain(taught, said)).save(folder / "restorer.json")
    facts = [Facts.of(procedure) for procedure in procedures]
    payload = {"facts": [asdict(f) for f in facts], "entries": [asdict(e) for e in entries]}
    (folder / "entries.json").write_text(json.dumps(payload, ensure_ascii=False), "utf-8")
    (folder / "manifest.json").write_text(json.dumps(asdict(manifest), indent=1), "utf-8")


def _teaching(procedure: Procedure) -> Iterable[tuple[str, int]]:
    """Names and aliases teach the restorer more than the long sections do."""
    yield procedure.name, TAUGHT_BY_NAMES
    for alias in procedure.aliases:
        yield alias, TAUGHT_BY_NAMES
    for section in procedure.sections.values():
        yield section.verbatim, 1


def lexical(documents: list[list[str]], k1: float = 1.2, b: float = 0.75) -> bm25s.BM25:
    """BM25 over documents of grams."""
    retriever = bm25s.BM25(k1=k1, b=b)
    retriever.index(documents or [["-"]], show_progress=False)
    return retriever


def encode(
    entries: Sequence[Searchable], encoder: Encoder, known: dict[str, Vectors], progress: Progress
) -> Vectors:
    """Vectors of the entries' texts, shape (n, dim); texts in ``known`` are not encoded again."""
    vectors = np.zeros((len(entries), encoder.dim), dtype=np.float32)
    missing = sorted({entry.text for entry in entries} - set(known))
    fresh: dict[str, Vectors] = dict(known)
    progress(0, len(missing))
    for start in range(0, len(missing), 256):
        chunk = missing[start : start + 256]
        fresh.update(zip(chunk, encoder.encode_passages(chunk), strict=True))
        progress(start + len(chunk), len(missing))
    for position, entry in enumerate(entries):
        vectors[position] = fresh[entry.text]
    return vectors


def known_vectors(index_dir: Path, encoder: str) -> dict[str, Vectors]:
    """Vectors by text of the serving version, whatever its format, if ``encoder`` made them."""
    folder = version_folder(index_dir)
    try:
        if (
            folder is None
            or json.loads((folder / "manifest.json").read_text())["encoder"] != encoder
        ):
            return {}
        texts = [
            e["text"] for e in json.loads((folder / "entries.json").read_text("utf-8"))["entries"]
        ]
        vectors = faiss.read_index(str(folder / "dense.faiss")).reconstruct_n(0, len(texts))
    except Exception as error:
        logging.getLogger(__name__).warning("index: %s is encoded anew (%s)", folder, error)
        return {}
    return dict(zip(texts, vectors, strict=True))


def load(index_dir: Path) -> Index:
    """Load the serving version; raises OperatorError when it is missing, broken or foreign."""
    folder = version_folder(index_dir)
    if folder is None:
        raise OperatorError(f"index: nothing built in {index_dir}; run `assistant index`")
    try:
        return read(folder)
    except OperatorError:
        raise
    except Exception as error:
        raise OperatorError(
            f"index: {folder.name} cannot be read ({error}); run `assistant index`"
        ) from error


def read(folder: Path) -> Index:
    """Read the version in ``folder``; raises OperatorError when it is not what it says."""
    manifest = Manifest(**json.loads((folder / "manifest.json").read_text("utf-8")))
    payload = json.loads((folder / "entries.json").read_text("utf-8"))
    facts = [Facts(**{**f, "levels": tuple(f["levels"])}) for f in payload["facts"]]
    entries = [Entry(**e) for e in payload["entries"]]
    dense = faiss.read_index(str(folder / "dense.faiss"))
    matches = (
        manifest.format == FORMAT
        and manifest.procedures == len(facts)
        and manifest.entries == len(entries) == dense.ntotal
        and folder.name.startswith(manifest.catalogue_hash[:12])
    )
    if not matches:
        raise OperatorError(
            f"index: {folder.name} does not match its manifest; run `assistant index`"
        )
    return Index(
        folder,
        manifest, facts, entries, dense,
        bm25s.BM25.load(str(folder / "names")), bm25s.BM25.load(str(folder / "bodies")),
        Restorer.load(folder / "restorer.json"),
    )  # fmt: skip
