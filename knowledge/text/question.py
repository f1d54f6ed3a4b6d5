"""A question made ready for search: cleaned, diacritics restored, small talk around it removed."""

import unicodedata
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace

from knowledge.everyday import Everyday, cues
from knowledge.everyday.cues import Phrases
from knowledge.text.clauses import SIGN, Clause, split
from knowledge.text.folding import tokens
from knowledge.text.protecting import protected
from knowledge.text.restoring import Restorer
from knowledge.text.telex import decode_telex, settle_tones

NO_PHRASES = Phrases(())
DENIAL = 2  # words of "không phải" in a name, which are no words that only ask


@dataclass(frozen=True)
class Piece:
    """What a clause gives to search: its ``core`` and the ``meanings`` of its everyday phrases."""

    clause: Clause
    core: tuple[str, ...]
    meanings: tuple[str, ...]


@dataclass(frozen=True)
class Question:
    """``restored``: the whole question, accented, in lower case; ``normalised``: the same with
    codes and names in the letters they were typed in. ``core``: without phrases that only ask.

    ``meanings``: official words that everyday phrases of the question stand for.
    ``denied``: words the person says are not meant ("không phải cấp lại"); not in the core.
    ``said``: all its words; ``signs``: whether a sign stands before each.
    ``ask``: the clauses that carry the ask of a story, see ``knowledge.asking``.
    """

    restored: str
    core: str
    meanings: tuple[str, ...]
    denied: str = ""
    said: tuple[str, ...] = ()
    signs: tuple[bool, ...] = ()
    pieces: tuple[Piece, ...] = ()
    ask: "Question | None" = None
    normalised: str = ""

    @property
    def official(self) -> str:
        """The core followed by what its everyday words mean."""
        return " ".join([self.core, *self.meanings]).strip()

    def only(self, first: int, last: int) -> "Question":
        """The question that the pieces ``first`` to ``last`` (included) ask by themselves."""
        pieces = self.pieces[first : last + 1]
        said = self.said[pieces[0].clause.start : pieces[-1].clause.end]
        return _question(" ".join(said), said, pieces)


def read_question(
    text: str, restorer: Restorer, everyday: Everyday, not_denied: Phrases = NO_PHRASES
) -> Question:
    """Normalise ``text`` (any case, any diacritics) into a Question.

    ``not_denied``: see ``knowledge.text.clauses.split``.
    """
    typed = unicodedata.normalize("NFC", text).split()
    words, fixed = _decoded(typed, protected(typed), restorer, everyday)
    decoded = " ".join(words)
    restored = restorer.restore(decoded, list(_spans(words, fixed)))
    as_typed = " ".join(fixed.get(at, word) for at, word in enumerate(restored.split()))
    spans = tokens(restored)
    said = [restored[start:end] for _, start, end in spans]
    plain = [decoded[start:end] == folded for folded, start, end in spans]
    ends = [0, *(end for _, _, end in spans)]
    gaps = [restored[ends[at] : start] for at, (_, start, _) in enumerate(spans)]
    pieces = []
    at = 0
    for clause in split(said, gaps, cues.load(), not_denied):
        piece, at = _piece(clause, said, plain, max(at, clause.start), everyday, not_denied)
        pieces.append(piece)
    question = _question(restored, tuple(said), pieces)
    signs = tuple(SIGN.search(gap) is not None for gap in gaps)
    return replace(question, signs=signs, normalised=as_typed)


def _decoded(
    typed: list[str], kept: list[bool], restorer: Restorer, everyday: Everyday
) -> tuple[list[str], dict[int, str]]:
    """The words in lower case, chat spellings and Telex keys read; and by position in them those
    that are ``kept``, as they were typed."""
    written = everyday.spell([settle_tones(word.lower()) for word in typed])
    fixed: dict[int, str] = {}
    decoded: list[str] = []
    for word, spelled, keep in zip(typed, written, kept, strict=True):
        if keep:
            fixed[len(decoded)] = word
            decoded.append(word.lower())
        else:
            decoded += decode_telex(spelled, restorer.is_spelling).split()
    return decoded, fixed


def _spans(decoded: Sequence[str], fixed: Container[int]) -> Iterator[tuple[int, int]]:
    """Start and end of the kept words in the text of ``decoded``."""
    start = 0
    for position, word in enumerate(decoded):
        if position in fixed:
            yield start, start + len(word)
        start += len(word) + 1


def _piece(
    clause: Clause,
    said: Sequence[str],
    plain: Sequence[bool],
    at: int,
    everyday: Everyday,
    not_denied: Phrases,
) -> tuple[Piece, int]:
    """The piece of ``clause`` read from word ``at`` on, and the first word after it (a phrase
    that reaches into the next clause is read whole)."""
    kept: list[str] = []
    meanings: dict[str, None] = {}
    while at < clause.denied:
        if not_denied.length_at(said, at):
            kept += said[at : at + DENIAL]
            at += DENIAL
            continue
        saying = everyday.match(said, plain, at)
        length = len(saying.words) if saying else 1
        if saying and saying.means:
            meanings[saying.means] = None
        if saying is None or saying.means:
            kept += said[at : at + length]
        at += length
    return Piece(clause, tuple(kept), tuple(meanings)), at


def _question(restored: str, said: tuple[str, ...], pieces: Sequence[Piece]) -> Question:
    core = " ".join(word for piece in pieces for word in piece.core)
    meanings = dict.fromkeys(meaning for piece in pieces for meaning in piece.meanings)
    first = pieces[0].clause.start if pieces else 0
    denied = " ".join(
        word
        for piece in pieces
        for word in said[piece.clause.denied - first : piece.clause.end - first]
    )
    return Question(restored, core, tuple(meanings), denied, said, pieces=tuple(pieces))
