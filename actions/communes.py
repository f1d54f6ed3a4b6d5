"""Who takes a dossier where the person lives: the commune is asked for, and remembered."""

from collections.abc import Sequence

from actions.context import Context
from actions.messages import say
from actions.outcomes import Outcome
from actions.reply import Reply
from actions.turn import Turn
from knowledge.blocks import (
    Answer,
    AnswerBlock,
    ChoicesBlock,
    NoticeBlock,
    Option,
    ProcedureBlock,
    TextBlock,
)
from knowledge.places import Place, communes, places_in, places_named
from knowledge.records import Level, Procedure, SectionKey

WHERE = frozenset({SectionKey.AGENCY, SectionKey.CHANNELS})
MOST_OPTIONS = 10  # an old district became at most this many communes


def reception(procedure: Procedure, commune: str | None) -> NoticeBlock | None:
    """Where the dossier is taken, as far as the level tells; None where it depends on more."""
    if Level.COMMUNE in procedure.levels:
        if commune is None:
            return None
        name = communes()[commune].name
        return NoticeBlock(text=say("reception_commune", commune=_in_sentence(name)))
    if procedure.levels == [Level.PROVINCE]:
        return NoticeBlock(text=say("reception_province"))
    return None


def asks_where(turn: Turn, procedure: Procedure, sections: Sequence[SectionKey]) -> bool:
    """Whether the commune is worth asking for: it decides the answer and is not known yet."""
    wanted = bool(WHERE & set(sections)) and Level.COMMUNE in procedure.levels
    return wanted and turn.commune is None and turn.open_form is None


def told(text: str) -> str | None:
    """The one commune that a sentence speaks of."""
    found = places_in(text)
    return found[0].code if len(found) == 1 else None


def ask_commune(turn: Turn) -> Reply:
    """Ask for the commune; where an answer may mean several, which of them."""
    found = places_named(turn.text) if turn.open_form == "commune_form" else []
    if len(found) > 1:
        block: AnswerBlock = ChoicesBlock(
            text=say("which_commune"), options=[_option(place) for place in found[:MOST_OPTIONS]]
        )
    else:
        block = TextBlock(text=say("ask_commune"))
    answer = Answer(outcome=Outcome.FORM_ASKED, blocks=[block])
    if len(found) <= 1:
        answer.suggestions = [Option(label=say("no_commune"), intent="cancel")]
    return Reply(answer, {"asked_back": turn.asked_back, "misses": 0})


def commune_turn(turn: Turn, context: Context) -> Reply:
    """The commune is known now: say who takes the dossier of the procedure in hand."""
    code = turn.told_commune or turn.commune
    place = communes().get(code or "")
    if place is None:
        return ask_commune(turn)
    procedure = turn.procedure_in_hand and context.knowledge.procedure(turn.procedure_in_hand)
    blocks: list[AnswerBlock] = []
    if procedure:
        blocks = list(context.knowledge.answer(procedure, [SectionKey.AGENCY]))
        blocks = [block for block in blocks if not isinstance(block, ProcedureBlock)]
        if notice := reception(procedure, place.code):
            blocks.insert(0, notice)
    if not blocks:
        blocks = [TextBlock(text=say("commune_known", commune=_in_sentence(place.name)))]
    slots = {"commune": place.code}
    return Reply(Answer(outcome=Outcome.ANSWERED, blocks=blocks), slots, closes_form=True)


def _option(place: Place) -> Option:
    return Option(label=place.name, intent="ask", slots={"commune": place.code})


def _in_sentence(name: str) -> str:
    """ "Xã Đồng Đăng" -> "xã Đồng Đăng"."""
    return name[0].lower() + name[1:]
