"""What is meant of the subject before: a correction ("không, ý tôi là cấp lại"), another deed ("thế
gia hạn giấy phép đó thì sao"), another case ("thế còn cháu 15 tuổi?")."""

import re
import unicodedata
from dataclasses import replace

from actions.context import Context
from actions.following import turns_away
from actions.turn import Turn
from knowledge.deciding import Decision
from knowledge.everyday import cues
from knowledge.search import SearchResult
from knowledge.text.folding import fold, words

NO = frozenset({"khong", "ko", "k", "hong", "hem", "nham"})
FILLERS = NO | frozenset(words("a ơ u ôi dạ phải đúng rồi sai ý là thế vậy đâu cái này đó mà cơ"))
DEEDS = frozenset(words("đăng ký cấp lại mới đổi gia hạn sửa hủy xin làm khai"))
ABOUT_LEVELS = FILLERS | frozenset(
    words("cấp xã phường tỉnh bộ trung ương huyện ubnd ủy ban ở tại làm nộp còn thì sao")
)
WORD = re.compile(r"\w+")
FIRST_SIGN = re.compile(r"([,.;:!])")


def sets_right(turn: Turn, name: str) -> bool:
    """Whether the turn says what was meant instead of what was answered. A bare "no" does not,
    nor does "không có sổ hộ khẩu thì sao": a word of correction was found, or a "no" stands before
    the first sign with nothing but what the procedure in hand (``name``) is called by."""
    if not turn.procedure_in_hand or not (turn.subject_text or turn.sections):
        return False
    if turn.corrects:
        return True
    opening, sign, rest = _opening(turn.question)
    return bool(sign and words(rest) and NO & opening and opening - FILLERS <= set(words(name)))


def meant(turn: Turn, context: Context) -> SearchResult:
    """What a correction means instead: what was said where it names a procedure, else what was
    said of the subject before it; never the procedure in hand, nor its twins at other levels."""
    opening, _, rest = _opening(turn.subject_text)
    says_no = bool(NO & opening) or opening <= FILLERS
    said = rest if rest and says_no else turn.subject_text
    alone = _others(context.knowledge.search(said), turn, context)
    if alone.decision is Decision.ANSWER and alone.names_procedure:
        return alone
    whole = _others(_of_subject(said, turn, context), turn, context)
    return max(alone, whole, key=_best_score)


def related(turn: Turn, result: SearchResult, name: str, context: Context) -> SearchResult | None:
    """What is meant by a deed that the procedure in hand (``name``) does not do, or by another case
    of it; None where the question is clear by itself or goes on with that procedure. ``result``:
    of the question alone."""
    if not name or result.names_procedure or turn.corrects:
        return None
    other_deed = _does_other(result.normalised, name)
    declined = result.decision in (Decision.NOT_IN_CATALOGUE, Decision.OUT_OF_SCOPE)
    if not other_deed and not (declined and turns_away(turn, result, name)):
        return None
    whole = _of_subject(turn.subject_text, turn, context)
    if other_deed:
        whole = _others(whole, turn, context)
    return whole if whole.decision is Decision.ANSWER and whole.names_procedure else None


def _best_score(result: SearchResult) -> float:
    return max((hit.score for hit in result.results), default=0.0)


def _does_other(said: str, name: str) -> bool:
    """Whether ``said`` speaks of a deed that is not in the procedure's name."""
    deed, spoken, named = cues.load().deed, _words(said), set(_words(name))
    spans = (spoken[at : at + deed.length_at(spoken, at)] for at in range(len(spoken)))
    return any(span and not named.issuperset(span) for span in spans)


def _words(text: str) -> list[str]:
    return WORD.findall(unicodedata.normalize("NFC", text).lower())


def _of_subject(said: str, turn: Turn, context: Context) -> SearchResult:
    return context.knowledge.search(f"{said} {_kept(turn.subject_in_hand, said)}")


def at_level(turn: Turn, context: Context) -> str | None:
    """The twin of the procedure in hand at the level that alone was said ("thế cấp xã thì sao")."""
    in_hand = context.knowledge.procedure(turn.procedure_in_hand or "")
    if in_hand is None or not turn.levels or set(words(turn.subject_text)) - ABOUT_LEVELS:
        return None
    twins = context.knowledge.at_other_levels(in_hand)
    return next((twin.code for twin in twins if set(turn.levels) & set(twin.levels)), None)


def _opening(text: str) -> tuple[set[str], str, str]:
    """The words before the first sign, the sign ('' for none), and what follows."""
    before, *after = FIRST_SIGN.split(text, maxsplit=1)
    sign, rest = after or ("", "")
    return set(words(before)), sign, rest.strip()


def _kept(subject: str, said: str) -> str:
    """The words of the subject before that still hold: not its deeds where another is named."""
    spoken = set(words(said))
    other_deed = bool(spoken & DEEDS)
    kept = [w for w in subject.split() if not (other_deed and fold(w) in DEEDS)]
    return " ".join(word for word in kept if fold(word) not in spoken)


def _others(result: SearchResult, turn: Turn, context: Context) -> SearchResult:
    """``result`` without the procedure in hand and its twins."""
    in_hand = context.knowledge.procedure(turn.procedure_in_hand or "")
    if in_hand is None:
        return result
    twins = {in_hand.code, *(twin.code for twin in context.knowledge.at_other_levels(in_hand))}
    left = [hit for hit in result.results if hit.code not in twins]
    return replace(result, results=left or result.results)
