"""Lists of procedures, a page at a time."""

from dataclasses import asdict
from typing import Any

from actions.context import Context
from actions.messages import say
from actions.options import field_options, listed_options
from actions.outcomes import Outcome
from actions.reply import Reply
from actions.turn import Turn
from knowledge.blocks import Answer, ChoicesBlock, Option, TextBlock
from knowledge.browse import Filter
from knowledge.messages import messages

PAGE = 8
ONLINE_FULL, FREE = "online_full", "free"


def browse_turn(turn: Turn, context: Context) -> Reply:
    """The list asked for, or its next page; without any filter, the fields to choose from."""
    chosen = _filter(turn)
    page = turn.page or 1
    if chosen.is_empty and turn.listing and (turn.page or _asks_for_more(turn)):
        page = turn.page or int(turn.listing["page"]) + 1
        chosen = Filter(**turn.listing["filter"])
    if chosen.is_empty:
        block = ChoicesBlock(text=say("choose_field"), options=field_options())
        return Reply(Answer(outcome=Outcome.CHOICE_OFFERED, blocks=[block]), {"listing": None})
    return _page(chosen, page, context)


def _filter(turn: Turn) -> Filter:
    return Filter(
        group=turn.field,
        level=turn.levels[0] if turn.levels else None,
        service_level="full" if ONLINE_FULL in turn.filters else None,
        free=FREE in turn.filters,
    )


def _asks_for_more(turn: Turn) -> bool:
    return "more" in turn.filters


def _page(chosen: Filter, page: int, context: Context) -> Reply:
    found = context.knowledge.browse(chosen)
    shown = found[(page - 1) * PAGE : page * PAGE]
    slots: dict[str, Any] = {"listing": {"filter": asdict(chosen), "page": page}}
    if not shown:
        text = TextBlock(text=say("list_end" if found else "list_empty", filters=_words(chosen)))
        block = ChoicesBlock(text=say("choose_field"), options=field_options())
        return Reply(Answer(outcome=Outcome.CHOICE_OFFERED, blocks=[text, block]), slots)
    first = (page - 1) * PAGE + 1
    text_key = "list" if len(found) > PAGE else "list_whole"
    words = say(
        text_key, filters=_words(chosen), total=len(found), first=first, last=first + len(shown) - 1
    )
    answer = Answer(
        outcome=Outcome.CHOICE_OFFERED,
        blocks=[ChoicesBlock(text=words, options=listed_options(shown))],
    )
    if page * PAGE < len(found):
        more = Option(label=say("list_more"), intent="browse", slots={"page": str(page + 1)})
        answer.suggestions.append(more)
    slots |= {"choices": [facts.code for facts in shown], "asked_back": 0}
    return Reply(answer, slots)


def _words(chosen: Filter) -> str:
    """The filters as a person would say them."""
    levels = messages()["levels"]
    parts = [
        chosen.group and say("filter_field", field=chosen.group),
        chosen.level and say("filter_level", level=levels[chosen.level].lower()),
        chosen.service_level and say("filter_online"),
        chosen.free and say("filter_free"),
    ]
    return ", ".join(part for part in parts if part)
