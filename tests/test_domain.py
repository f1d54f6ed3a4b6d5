"""Domain, rules, actions, training data and outcomes name the same things, both ways."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.action_server import registered_actions
from knowledge.blocks import Answer

ROOT = Path(__file__).resolve().parents[1]
FROM_RASA = {"nlu_fallback"}


@cache
def _domain() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "domain.yml").read_text("utf-8"))
    return loaded


def _steps(kind: str) -> set[str]:
    rules = [
        rule
        for file in (ROOT / "nlu" / "data" / "rules").glob("*.yml")
        for rule in yaml.safe_load(file.read_text("utf-8"))["rules"]
    ]
    return {step[kind] for rule in rules for step in rule["steps"] if kind in step}


def _intents() -> set[str]:
    return {next(iter(intent)) for intent in _domain()["intents"]}


def _taught() -> set[str]:
    return {
        row["intent"]
        for file in (ROOT / "nlu" / "data" / "nlu").glob("*.yml")
        for row in yaml.safe_load(file.read_text("utf-8"))["nlu"]
        if "intent" in row
    }


def test_every_intent_is_taught_and_has_a_rule() -> None:
    assert _intents() - FROM_RASA == _taught()
    assert _intents() == _steps("intent")


def test_every_action_of_the_domain_is_served_and_the_other_way_round() -> None:
    assert set(_domain()["actions"]) == set(registered_actions().actions)


def test_rules_name_actions_responses_and_forms_that_exist_and_all_of_them() -> None:
    named = _steps("action")
    responses = set(_domain()["responses"])
    forms = set(_domain()["forms"])
    asked = {
        f"action_ask_{slot}"
        for form in _domain()["forms"].values()
        for slot in form["required_slots"]
    }
    validated = {f"validate_{form}" for form in forms}
    fallback = {"action_default_fallback"}
    assert named <= set(_domain()["actions"]) | responses | forms
    assert responses <= named
    assert set(_domain()["actions"]) == (named - responses - forms) | asked | validated | fallback


def test_every_response_is_an_answer() -> None:
    for name, variants in _domain()["responses"].items():
        for variant in variants:
            assert Answer.model_validate(variant["custom"]).blocks, name


def test_slots_that_actions_set_and_read_are_those_of_the_domain() -> None:
    code = "\n".join(file.read_text("utf-8") for file in (ROOT / "actions").glob("*.py"))
    read = set(re.findall(r'get_slot\("(\w+)"\)', code))
    filled = {slot for form in _domain()["forms"].values() for slot in form["required_slots"]}
    assert read <= set(_domain()["slots"])
    assert set(_domain()["slots"]) - read <= filled


def test_entities_of_the_domain_are_those_found_or_sent_with_buttons() -> None:
    data = yaml.safe_load((ROOT / "nlu" / "data" / "entities.yml").read_text("utf-8"))
    found = set(data["entities"]) - {"ignored"} | {"field"}
    code = "\n".join(file.read_text("utf-8") for file in (ROOT / "actions").glob("*.py"))
    sent = re.findall(r'slots=\{"(\w+)":|slots = \{"(\w+)": turn\.last', code)
    named = {name for pair in sent for name in pair if name}
    assert set(_domain()["entities"]) == found | named


@pytest.mark.parametrize("intent", sorted(_intents() - FROM_RASA))
def test_every_intent_is_taught_by_enough_examples(intent: str) -> None:
    examples = [
        line
        for file in (ROOT / "nlu" / "data" / "nlu").glob("*.yml")
        for row in yaml.safe_load(file.read_text("utf-8"))["nlu"]
        if row.get("intent") == intent
        for line in row["examples"].splitlines()
    ]
    assert len(examples) >= 45
    assert len(set(examples)) == len(examples)
