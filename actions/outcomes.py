"""Every way a turn can end. Engine, channels, metrics and tests use these codes only."""

from enum import StrEnum


class Outcome(StrEnum):
    ANSWERED = "answered"
    CHOICE_OFFERED = "choice_offered"
    CLARIFYING = "clarifying"
    NOT_IN_CATALOGUE = "not_in_catalogue"
    OUT_OF_SCOPE = "out_of_scope"
    FALLBACK = "fallback"
    SMALL_TALK = "small_talk"
    DOSSIER_FOUND = "dossier_found"
    DOSSIER_NOT_FOUND = "dossier_not_found"
    DOSSIER_CODE_INVALID = "dossier_code_invalid"
    DOSSIER_SYSTEM_UNAVAILABLE = "dossier_system_unavailable"
    FIGURES_SHOWN = "figures_shown"
    FORBIDDEN = "forbidden"
    FORM_ASKED = "form_asked"
    HANDED_OVER = "handed_over"
    ERASED = "erased"
    RULE_ANSWERED = "rule_answered"
    RULE_NOT_FOUND = "rule_not_found"
    RATE_LIMITED = "rate_limited"
    ENGINE_UNAVAILABLE = "engine_unavailable"
