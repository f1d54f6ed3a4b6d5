"""Answer blocks: the typed pieces an answer is made of; each channel draws them its own way.

Texts of a procedure stand here verbatim from its record. ``source`` says where they stand.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class Block(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SourceLine(Block):
    """Stands under every block about a procedure: code, decision, where from, as of when."""

    code: str
    decision: str | None = None
    origin: str
    url: str | None = None
    date: str | None = Field(None, description="ISO date")


class Foldable(Block):
    """A block that may be shown closed (``folded``), one tap from open, or as the part of a record
    that speaks of what was asked (``marked``)."""

    folded: bool = False
    marked: bool = False


class TextBlock(Foldable):
    """Plain text; paragraphs are separated by a blank line, lines by a newline. Never HTML."""

    type: Literal["text"] = "text"
    title: str | None = None
    text: str
    source: SourceLine | None = None


class ProcedureBlock(Block):
    """The head of an answer: which procedure, and its five-second facts (label, value).

    ``online``: the record tells of an online submission, which starts at ``url``.
    """

    type: Literal["procedure"] = "procedure"
    code: str
    name: str
    level: str
    field: str
    facts: list[tuple[str, str]] = []
    url: str | None = None
    online: bool = False
    warning: str | None = None
    source: SourceLine


class FeeRow(Block):
    method: str
    time: str
    fees: list[str]
    note: str = ""


class FeeTableBlock(Foldable):
    """Submission methods with time and fees, one row a method."""

    type: Literal["fee_table"] = "fee_table"
    title: str
    rows: list[FeeRow]
    extra: list[str] = Field([], description="what the parser could not place, as it stands")
    source: SourceLine


class ComponentRow(Block):
    name: str
    originals: int | None = None
    copies: int | None = None
    quantity: str = ""
    form_name: str = ""
    form_url: str | None = None


class CaseRows(Block):
    """The papers of one case; ``folded``: the person asked to leave the case out."""

    name: str
    rows: list[ComponentRow]
    folded: bool = False


class ComponentsBlock(Foldable):
    """The papers of the dossier, by case."""

    type: Literal["components"] = "components"
    title: str
    cases: list[CaseRows]
    extra: list[str] = []
    source: SourceLine


class StepRow(Block):
    name: str = ""
    text: str


class StepsBlock(Foldable):
    type: Literal["steps"] = "steps"
    title: str
    steps: list[StepRow]
    extra: list[str] = []
    source: SourceLine


class ListBlock(Foldable):
    """A list of (text, detail) pairs: results, legal bases, audience."""

    type: Literal["list"] = "list"
    title: str
    items: list[tuple[str, str]]
    extra: list[str] = []
    source: SourceLine


class Option(Block):
    """A button. ``intent`` and ``slots`` are ours alone: the gateway replaces them with an opaque
    ``id`` before a channel sees the option."""

    label: str
    detail: str = ""
    intent: str | None = None
    slots: dict[str, str] = {}
    id: str | None = None


class ChoicesBlock(Block):
    type: Literal["choices"] = "choices"
    text: str
    options: list[Option]


class ContactBlock(Block):
    """Hotline, one-stop department, hours."""

    type: Literal["contact"] = "contact"
    text: str
    lines: list[tuple[str, str]] = []


class NoticeBlock(Block):
    """A remark of the assistant about itself or the record (``info`` or ``warning``)."""

    type: Literal["notice"] = "notice"
    text: str
    level: Literal["info", "warning"] = "info"


class TimelineRow(Block):
    label: str
    when: str = ""
    state: Literal["done", "now", "todo"]


class DossierBlock(Block):
    """Where a dossier stands: in plain words, on a time-line, and what to do next."""

    type: Literal["dossier"] = "dossier"
    code: str
    procedure: str
    agency: str
    status: str
    meaning: str
    due: str = Field("", description="the day of the appointment and the working days left or late")
    late: bool = False
    next_steps: list[str] = []
    timeline: list[TimelineRow] = []
    as_of: str = Field(description="the system and the minute it told this, in words")


class FigureRow(Block):
    """``values``: one a column of the block, in its order."""

    name: str
    values: list[str]


class FiguresBlock(Block):
    """How a unit's dossiers stand: numbers by field, never names or codes of dossiers."""

    type: Literal["figures"] = "figures"
    title: str
    unit: str = Field(description="agency code, such as H37.12")
    columns: list[str]
    rows: list[FigureRow]
    as_of: str = Field(description="the period and the minute of the figures, in words")


class RuleArticleBlock(Foldable):
    """What a rule says: the clause asked of, word for word, under the lead sentence of its article.

    ``address`` names the place ("khoản 2 Điều 15 ..."), ``clause`` is '' for a whole article,
    ``force`` tells from when (to when) it holds, ``notes`` what to know of it (amended, old, made
    as a sample).
    """

    type: Literal["rule_article"] = "rule_article"
    address: str
    document: str
    number: str
    article: str
    heading: str = ""
    clause: str = ""
    lead: str = ""
    text: str
    force: str = ""
    notes: list[str] = []
    url: str | None = None


AnswerBlock = Annotated[
    TextBlock
    | ProcedureBlock
    | FeeTableBlock
    | ComponentsBlock
    | StepsBlock
    | ListBlock
    | ChoicesBlock
    | ContactBlock
    | NoticeBlock
    | DossierBlock
    | FiguresBlock
    | RuleArticleBlock,
    Field(discriminator="type"),
]


class Answer(Block):
    """What one turn answers: travels as ``custom`` JSON through the engine to the gateway.

    ``suggestions`` are offered under the answer; ``timings_ms`` tells the parts of the work.
    """

    outcome: str
    blocks: list[AnswerBlock] = []
    suggestions: list[Option] = []
    timings_ms: dict[str, float] = {}
