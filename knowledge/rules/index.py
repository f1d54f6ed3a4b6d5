"""The index of the rules: a versioned directory like the catalogue's, of a corpus of its own.

``<cache>/rules/<version>/`` holds ``manifest.json``, ``entries.json`` (the provisions, and the
passages cut from them), ``dense.faiss`` (one vector a passage), three BM25 indexes - ``whole`` and
``passages`` over folded 1-3-grams, ``accented`` over accented 1-2-grams - and ``restorer.json``.
"""

import datetime as dt
import hashlib
import itertools
import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import bm25s
import faiss
import numpy as np

from knowledge.encoder import Encoder
from knowledge.errors import OperatorError
from knowledge.index import Progress, encode, known_vectors, lexical
from knowledge.index_versions import new_version, version_folder
from knowledge.rules.records import Part, PartKind, RuleDocument
from knowledge.rules.versions import Provision, provisions
from knowledge.text.folding import words
from knowledge.text.restoring import Restorer

FORMAT = 1  # raise when what a version holds changes
K1, B = 0.9, 0.4  # of BM25; articles are long, and a long one is not the worse answer
MOST_WORDS = 90  # of a passage; the encoder reads 128 tokens
_ACCENTED = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Passage:
    """A clause (or a part of a long one) of the provision in ``row``; ``part`` is the clause's
    position there, 0 for words of the article itself."""

    row: int
    part: int
    text: str


@dataclass(frozen=True)
class RuleManifest:
    format: int
    rules_hash: str
    encoder: str
    provisions: int
    entries: int
    built_at: str


@dataclass
class RuleIndex:
    """A loaded version. ``owner[i]`` is the provision row of passage ``i``."""

    manifest: RuleManifest
    provisions: list[Provision]
    passages: list[Passage]
    dense: Any
    whole: Any
    clauses: Any
    accented: Any
    restorer: Restorer

    def __post_init__(self) -> None:
        self.owner = np.array([passage.row for passage in self.passages], dtype=np.int64)


EMPTY = RuleIndex(
    RuleManifest(FORMAT, "", "", 0, 0, ""), [], [], None, None, None, None, Restorer({}, {})
)
"""An index that holds nothing: before the first build."""


def grams(text: str) -> list[str]:
    """Folded words and their pairs and triples."""
    said = words(text)
    pairs = [f"{a}_{b}" for a, b in itertools.pairwise(said)]
    return [*said, *pairs, *(f"{a}_{b}_{c}" for a, b, c in zip(said, said[1:], said[2:]))]  # noqa: B905


def accented_grams(text: str) -> list[str]:
    """Accented words in lower case and their pairs."""
    said = _ACCENTED.findall(unicodedata.normalize("NFC", text).lower())
    return [*said, *(f"{a}_{b}" for a, b in itertools.pairwise(said))]


def passages_of(row: int, unit: Provision) -> list[Passage]:
    """The passages of a provision: its lead and each clause, long ones cut between parts."""
    cut: list[tuple[int, str]] = []
    clause = 0
    for at, part in enumerate(unit.parts):
        text = plain(_without_heading(unit, part) if at == 0 else part.text)
        if part.kind is PartKind.CLAUSE:
            clause = at
        if not text:
            continue
        fits = cut and cut[-1][0] == clause and len(f"{cut[-1][1]} {text}".split()) <= MOST_WORDS
        if fits:
            cut[-1] = (clause, f"{cut[-1][1]} {text}")
        else:
            cut.append((clause, text))
    pieces = [(at, piece) for at, text in cut for piece in _short(text)]
    return [Passage(row, at, f"{unit.heading}. {text}") for at, text in pieces or [(0, "")]]


def plain(text: str) -> str:
    """``text`` on one line, without the bars and rules of tables."""
    return " ".join(re.sub(r"\|(?:-+\|)*", " ", text).split())


def lead_of(unit: Provision) -> str:
    """The words of the article between its heading and its first clause."""
    return _without_heading(unit, unit.parts[0]).strip()


def _without_heading(unit: Provision, part: Part) -> str:
    first, _, rest = part.text.partition("\n")
    return rest if unit.heading and unit.heading in first else part.text


def _short(text: str) -> list[str]:
    said = text.split()
    return [" ".join(said[at : at + MOST_WORDS]) for at in range(0, len(said), MOST_WORDS)]


def rules_hash(documents: Iterable[RuleDocument]) -> str:
    """SHA-256 over all documents, hex."""
    digest = hashlib.sha256(str(FORMAT).encode())
    for document in documents:
        digest.update(document.content_hash().encode())
    return digest.hexdigest()


def build(
    documents: Sequence[RuleDocument], encoder: Encoder, index_dir: Path,
    progress: Progress = lambda done, total: None,
) -> RuleManifest:  # fmt: skip
    """Build and swap in the index of ``documents``; nothing to do when it is current."""
    digest = rules_hash(documents)
    version = f"{digest[:12]}-{encoder.id[-6:]}-{FORMAT}"
    current = _current(index_dir)
    if current and (current.rules_hash, current.encoder) == (digest, encoder.id):
        return current
    units = provisions(documents)
    passages = [passage for row, unit in enumerate(units) for passage in passages_of(row, unit)]
    now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    manifest = RuleManifest(FORMAT, digest, encoder.id, len(units), len(passages), now)
    with new_version(index_dir, version) as folder:
        _write(folder, manifest, units, passages, encoder, index_dir, progress)
    return manifest


def _write(
    folder: Path, manifest: RuleManifest, units: list[Provision], passages: list[Passage],
    encoder: Encoder, index_dir: Path, progress: Progress,
) -> None:  # fmt: skip
    known = known_vectors(index_dir, encoder.id)
    dense = faiss.IndexFlatIP(encoder.dim)
    dense.add(encode(passages, encoder, known, progress))
    (folder / "dense.faiss").write_bytes(faiss.serialize_index(dense).tobytes())
    titled = [f"{unit.title}. {unit.heading}. {plain(unit.text)}" for unit in units]
    cut = [f"{units[passage.row].title}. {passage.text}" for passage in passages]
    lexical([grams(text) for text in titled], K1, B).save(str(folder / "whole"))
    lexical([grams(text) for text in cut], K1, B).save(str(folder / "clauses"))
    lexical([accented_grams(text) for text in titled], K1, B).save(str(folder / "accented"))
    Restorer.count((text, 1) for text in titled).save(folder / "restorer.json")
    payload = {
        "provisions": [_stored(unit) for unit in units],
        "entries": [asdict(passage) for passage in passages],
    }
    (folder / "entries.json").write_text(json.dumps(payload, ensure_ascii=False), "utf-8")
    (folder / "manifest.json").write_text(json.dumps(asdict(manifest), indent=1), "utf-8")


def _stored(unit: Provision) -> dict[str, Any]:
    stored = vars(unit) | {"parts": [part.model_dump(mode="json") for part in unit.parts]}
    return {n: v.isoformat() if isinstance(v, dt.date) else v for n, v in stored.items()}


def _restored(stored: dict[str, Any]) -> Provision:
    days = {
        name: stored[name] and dt.date.fromisoformat(stored[name]) for name in ("since", "until")
    }
    parts = tuple(Part.model_validate(part) for part in stored["parts"])
    return Provision(**stored | days | {"parts": parts})


def _current(index_dir: Path) -> RuleManifest | None:
    try:
        return load(index_dir).manifest
    except OperatorError:
        return None


def load(index_dir: Path) -> RuleIndex:
    """Load the serving version; raises OperatorError when it is missing, broken or foreign."""
    folder = version_folder(index_dir)
    if folder is None:
        raise OperatorError(f"rules: nothing built in {index_dir}; run `assistant index`")
    try:
        return _read(folder)
    except OperatorError:
        raise
    except Exception as error:
        raise OperatorError(
            f"rules: {folder.name} cannot be read ({error}); run `assistant index`"
        ) from error


def _read(folder: Path) -> RuleIndex:
    manifest = RuleManifest(**json.loads((folder / "manifest.json").read_text()))
    payload = json.loads((folder / "entries.json").read_text("utf-8"))
    units = [_restored(stored) for stored in payload["provisions"]]
    passages = [Passage(**entry) for entry in payload["entries"]]
    dense = faiss.read_index(str(folder / "dense.faiss"))
    matches = (
        manifest.format == FORMAT
        and manifest.provisions == len(units)
        and manifest.entries == len(passages) == dense.ntotal
    )
    if not matches:
        raise OperatorError(
            f"rules: {folder.name} does not match its manifest; run `assistant index`"
        )
    return RuleIndex(
        manifest, units, passages, dense,
        bm25s.BM25.load(str(folder / "whole")), bm25s.BM25.load(str(folder / "clauses")),
        bm25s.BM25.load(str(folder / "accented")), Restorer.load(folder / "restorer.json"),
    )  # fmt: skip
