"""The procedure record: what the catalogue knows about one administrative procedure.

Words follow the glossary: a *section* is a part people ask for, a *component* one paper of
the dossier, a *case* a group of components (or a time) that holds in one situation.
Every text stands as its source has it. What an importer could not place in a typed field
stays in ``Section.unplaced`` and is shown as it is.
"""

import datetime as dt
import hashlib
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class SectionKey(StrEnum):
    """Parts of a procedure that a person asks for."""

    OVERVIEW = "overview"
    COMPONENTS = "components"
    FEES = "fees"
    TIME = "time"
    STEPS = "steps"
    CHANNELS = "channels"
    AGENCY = "agency"
    CONDITIONS = "conditions"
    RESULTS = "results"
    LEGAL_BASIS = "legal_basis"
    AUDIENCE = "audience"
    FORMS = "forms"


class Level(StrEnum):
    MINISTRY = "ministry"
    PROVINCE = "province"
    COMMUNE = "commune"


class ServiceLevel(StrEnum):
    """How much of the procedure can be done online (mức độ dịch vụ công)."""

    FULL = "full"
    PARTIAL = "partial"
    INFORMATION = "information"


class MethodKind(StrEnum):
    DIRECT = "direct"
    ONLINE = "online"
    POSTAL = "postal"


class State(StrEnum):
    """Where the record stands; UNCONFIRMED: only an older list names it."""

    IN_FORCE = "in_force"
    UNCONFIRMED = "unconfirmed"
    ABOLISHED = "abolished"


class ParseState(StrEnum):
    """How much of a section's text an importer could place in typed fields."""

    FULL = "full"
    PARTIAL = "partial"
    NONE = "none"


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Source(Model):
    """Where a text came from. ``date``: when the source was read or last changed there."""

    kind: str
    url: str | None = None
    date: dt.date | None = None


class Fee(Model):
    """``amount`` in đồng where the source states a number; ``verbatim`` is what is shown."""

    kind: str | None = None
    amount: int | None = None
    verbatim: str


class SubmissionMethod(Model):
    """One way to submit, with its time and fees. ``kind`` None: a name the portal's list lacks."""

    kind: MethodKind | None
    name: str
    time: str = ""
    fees: list[Fee] = []
    note: str = ""


class Component(Model):
    """One paper of the dossier. ``quantity``: the source's own words where they are not numbers."""

    name: str
    originals: int | None = None
    copies: int | None = None
    quantity: str = ""
    form_name: str = ""
    form_url: str | None = None


class Case(Model):
    name: str = ""
    components: list[Component] = []


class Step(Model):
    name: str = ""
    text: str


class LegalBasis(Model):
    name: str
    number: str = ""


class Result(Model):
    name: str
    code: str = ""
    note: str = ""


class Section(Model):
    """One section of one source: its whole original text and how far it was parsed."""

    verbatim: str = ""
    parse: ParseState = ParseState.NONE
    unplaced: list[str] = []
    source: Source


FREE = "Miễn phí"  # the portal's own print for no fee


class Procedure(Model):
    """One procedure, merged from every source that names it (``knowledge.importers.merge``).

    ``sections`` holds the original text of each section with its source; the typed lists hold
    what was parsed from the same source. ``provenance`` tells the source of every other field.
    """

    code: str
    name: str
    provincial_code: str | None = None
    portal_id: str | None = None
    aliases: list[str] = []
    levels: list[Level] = []
    field: str = ""
    decision: str | None = None
    provincial_decision: str | None = None
    service_level: ServiceLevel | None = None
    kind: str = ""
    promulgated_by: str = ""
    audience: list[str] = []
    executing_agency: str = ""
    competent_agency: str = ""
    receiving_address: str = ""
    authorized_agency: str = ""
    coordinating_agency: str = ""
    methods: list[SubmissionMethod] = []
    cases: list[Case] = []
    steps: list[Step] = []
    conditions: str = ""
    results: list[Result] = []
    legal_bases: list[LegalBasis] = []
    related: str = ""
    state: State = State.IN_FORCE
    url: str | None = None
    sections: dict[SectionKey, Section] = {}
    provenance: dict[str, Source] = {}

    @property
    def is_free(self) -> bool:
        """Whether every fee is printed as free of charge and nothing else is said: a remark
        behind the portal's "Miễn phí" may tell of a fee."""
        fees = [fee for method in self.methods for fee in method.fees]
        return bool(fees) and all(fee.verbatim.strip(" .") == FREE for fee in fees)

    def content_hash(self) -> str:
        """SHA-256 over the whole record, hex; equal hashes mean nothing to store or encode."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()


class SourceRecord(Model):
    """One record as one source gave it: ``raw`` is the untouched original (JSON text or row).

    ``procedure`` is that source's own reading of it; the catalogue keeps both, and merges the
    readings of all sources by ``procedure.code``.
    """

    source: Source
    line: int = Field(description="line or row number in the file, from 1")
    raw: str
    procedure: Procedure


class Rejection(Model):
    """A record that could not go in: where it stood and why (one line, for an operator)."""

    file: str
    line: int
    reason: str
