"""A correction: "không, ý tôi là cấp lại", "nhầm rồi, khai tử chứ không phải khai sinh"."""

import re
from dataclasses import replace

from actions.context import Context
from actions.turn import Turn
from knowledge.deciding import Decision
from knowledge.search import SearchResult
from knowledge.text.folding import fold, words

NO = frozenset({"khong", "ko", "k", "hong", "hem", "nham"})
FILLERS = NO | frozenset(words("a ơ u ôi dạ phải đúng rồi sai ý là thế vậy đâu cái này đó mà cơ"))
DEEDS = frozenset(words("đăng ký cấp lại mới đổi gia hạn sửa hủy xin làm khai"))
ABOUT_LEVELS = FILLERS | frozenset(
    words("cấp xã phường tỉnh bộ trung ương huyện ubnd ủy ban ở tại làm nộp còn thì sao")
)
FIRST_SIGN = re.compile(r"[,.;:!]")


def sets_right(turn: Turn) -> bool:
    """Whether the turn says what was meant instead of what was answered. A bare "no" does not,
    nor does "không có sổ hộ khẩu thì sao": after the "no" stands a sign, or a word of correction
    was found."""
    if not turn.procedure_in_hand or not (turn.subject_text or turn.sections):
        return False
    if turn.corrects:
        return True
    first = FIRST_SIGN.split(turn.question, maxsplit=1)
    opening = words(first[0])
    return bool(len(first) > 1 and NO & set(opening) and FILLERS.issuperset(opening))


def meant(turn: Turn, context: Context) -> SearchResult:
    """What is meant instead: what was said where it names a procedure, else what was said of the
    subject before it; never the procedure in hand, nor its twins at other levels."""
    said = _without_fillers(turn.subject_text)
    alone = _others(context.knowledge.search(said), turn, context)
    if alone.decision is Decision.ANSWER and alone.names_procedure:
        return alone
    with_subject = f"{said} {_kept(turn.subject_in_hand, said)}"
    whole = _others(context.knowledge.search(with_subject), turn, context)
    return whole if whole.names_procedure else alone


def at_level(turn: Turn, context: Context) -> str | None:
    """The twin of the procedure in hand at the level that alone was said ("thế cấp xã thì sao")."""
    in_hand = context.knowledge.procedure(turn.procedure_in_hand or "")
    if in_hand is None or not turn.levels or set(words(turn.subject_text)) - ABOUT_LEVELS:
        return None
    twins = context.knowledge.at_other_levels(in_hand)
    return next((twin.code for twin in twins if set(turn.levels) & set(twin.levels)), None)


def _without_fillers(text: str) -> str:
    first = FIRST_SIGN.split(text, maxsplit=1)
    left_out = len(first) > 1 and FILLERS.issuperset(words(first[0]))
    return (first[1] if left_out else text).strip()


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
