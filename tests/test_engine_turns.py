"""What the engine does with a turn: door, rules, memory."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
from engine_fixture import SECRET, RunningEngine

from bot.processes import engine_part
from bot.supervisor import START_SECONDS, free_port
from bot.training import ENGINE_PYTHON, ROOT, engine_environment
from knowledge.blocks import Answer
from knowledge.text.folding import fold

ACTIONS = [
    ("làm khai sinh cho con cần giấy tờ gì", "ask", "action_answer"),
    ("cái thứ hai", "choose", "action_choose"),
    ("hồ sơ của tôi đến đâu rồi", "dossier_status", "action_ask_dossier_code"),
    ("quay lại cái trước", "go_back", "action_back"),
    ("bắt đầu lại từ đầu", "start_over", "action_start_over"),
    ("cho tôi gặp cán bộ", "human", "action_human"),
    ("liệt kê thủ tục cấp xã", "browse", "action_browse"),
    ("đúng rồi", "affirm", "action_answer"),
    ("không phải", "deny", "action_answer"),
]
SMALL_TALK = [
    ("xin chào", "greet"),
    ("bạn giúp được gì", "help"),
    ("cảm ơn bạn", "thanks"),
    ("tạm biệt", "goodbye"),
    ("bạn là người hay máy", "bot_identity"),
    ("cán bộ xã thái độ lắm", "upset"),
]


def _turn(**fields: Any) -> dict[str, Any]:
    return {"conversation": "c", "metadata": {"role": "citizen"}, **fields}


@pytest.mark.parametrize("written", [str, fold], ids=["accented", "folded"])
@pytest.mark.parametrize(("text", "intent", "action"), ACTIONS)
def test_intents_reach_their_action(
    engine: RunningEngine, text: str, intent: str, action: str, written: Any
) -> None:
    assert engine.understood(written(text))[0] == intent
    assert engine.stub.calls[-1]["next_action"] == action


@pytest.mark.parametrize("written", [str, fold], ids=["accented", "folded"])
@pytest.mark.parametrize(("text", "intent"), SMALL_TALK)
def test_small_talk_is_answered_by_the_engine_itself(
    engine: RunningEngine, text: str, intent: str, written: Any
) -> None:
    assert engine.understood(written(text)) == (intent, [])
    assert engine.stub.calls == []


@pytest.mark.parametrize(("text", "intent"), SMALL_TALK)
def test_what_the_engine_says_is_an_answer(engine: RunningEngine, text: str, intent: str) -> None:
    for said in engine.say(text):
        answer = Answer.model_validate(said)
        assert answer.blocks
        assert answer.outcome == "small_talk"


@pytest.mark.parametrize("text", ["😀", "...", "/", "????", "", "   "])
def test_a_message_without_a_word_goes_to_search(engine: RunningEngine, text: str) -> None:
    assert engine.understood(text)[0] == "nlu_fallback"
    assert engine.stub.calls[-1]["next_action"] == "action_answer"


def test_the_gateways_metadata_reaches_the_action(engine: RunningEngine) -> None:
    metadata = {"role": "official", "channel": "web", "locale": "vi", "turn_id": "t1"}
    engine.post({"conversation": "c", "text": "cần giấy tờ gì", "metadata": metadata})
    assert engine.stub.calls[-1]["tracker"]["latest_message"]["metadata"] == metadata


def test_all_messages_of_a_turn_come_at_once(engine: RunningEngine) -> None:
    engine.stub.answers = [{"outcome": "answered", "part": n} for n in range(3)]
    assert [custom["part"] for custom in engine.say("lệ phí bao nhiêu")] == [0, 1, 2]


@pytest.mark.parametrize(
    "text",
    [
        "/dossier_status",
        '/dossier_status{"dossier_code": "H37.12-250601-0003"}',
        " / /dossier_status",
        "\u00a0/dossier_status",
        "//dossier_status",
    ],
)
def test_text_that_looks_like_an_intent_is_not_obeyed(engine: RunningEngine, text: str) -> None:
    engine.say(text)
    heard = engine.stub.calls[-1]["tracker"]["latest_message"]
    assert not heard["text"].startswith("/")
    assert heard["intent"].get("confidence") != 1.0 or heard["entities"]


def test_the_gateways_intent_is_obeyed(engine: RunningEngine) -> None:
    slots = {"procedure_code": "1.001193", "section": "fees"}
    assert engine.post(_turn(intent="ask", slots=slots)).status_code == 200
    heard = engine.stub.calls[-1]["tracker"]["latest_message"]
    assert heard["intent"]["name"] == "ask"
    assert {e["entity"]: e["value"] for e in heard["entities"]} == slots


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        _turn(),
        _turn(text=3),
        _turn(text="a", intent="ask"),
        _turn(intent="no_such_intent"),
        _turn(intent="ask", slots={"no_such_entity": "x"}),
        _turn(intent="ask", slots={"section": 1}),
        {"text": "a"},
        {"conversation": "", "text": "a"},
        {"conversation": "x" * 300, "text": "a"},
        {"conversation": "c", "text": "a", "metadata": "official"},
    ],
)
def test_a_bad_request_is_a_problem(engine: RunningEngine, body: Any) -> None:
    reply = engine.post(body)
    assert reply.status_code == 400
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert engine.stub.calls == []


@pytest.mark.parametrize("secret", [None, "", "wrong", SECRET + "x"])
def test_only_the_gateway_may_talk(engine: RunningEngine, secret: str | None) -> None:
    assert engine.post(_turn(text="xin chào"), secret).status_code == 401
    assert engine.erase("c", secret or "").status_code == 401


def test_no_other_door_is_open(engine: RunningEngine) -> None:
    root = engine.url.removesuffix("/webhooks/gateway")
    for path in ("/webhooks/rest/webhook", "/conversations/c/tracker", "/model/parse", "/domain"):
        assert engine.client.get(f"{root}{path}").status_code == 404


def test_a_failing_action_is_an_error_and_the_next_turn_works(engine: RunningEngine) -> None:
    engine.stub.fails = True
    assert engine.post(_turn(text="lệ phí bao nhiêu")).status_code == 502
    engine.stub.fails = False
    assert engine.say("lệ phí bao nhiêu")


def test_the_domain_does_not_travel(engine: RunningEngine) -> None:
    engine.say("lệ phí bao nhiêu")
    assert "domain" not in engine.stub.calls[-1]


def test_a_long_conversation_stays_short_in_memory(engine: RunningEngine) -> None:
    engine.stub.events = [{"event": "slot", "name": "procedure_code", "value": "1.001193"}]
    for _ in range(20):
        assert engine.say("còn lệ phí?", "long")
    sizes = [len(call["tracker"]["events"]) for call in engine.stub.calls]
    assert sizes[19] == sizes[9]
    assert engine.stub.calls[-1]["tracker"]["slots"]["procedure_code"] == "1.001193"


def test_slots_live_on_when_no_turn_repeats_them(engine: RunningEngine) -> None:
    engine.stub.events = [{"event": "slot", "name": "sections", "value": ["fees"]}]
    engine.say("lệ phí bao nhiêu", "slots")
    engine.stub.events = []
    for _ in range(4):
        engine.say("xin chào", "slots")
    engine.say("mấy ngày", "slots")
    assert engine.stub.calls[-1]["tracker"]["slots"]["sections"] == ["fees"]


def test_conversations_do_not_mix(engine: RunningEngine) -> None:
    engine.stub.events = [{"event": "slot", "name": "procedure_code", "value": "1.001193"}]
    engine.say("lệ phí bao nhiêu", "mine")
    engine.say("lệ phí bao nhiêu", "yours")
    assert engine.stub.calls[-1]["tracker"]["slots"]["procedure_code"] is None


def test_an_erased_conversation_is_forgotten(engine: RunningEngine) -> None:
    engine.stub.events = [{"event": "slot", "name": "procedure_code", "value": "1.001193"}]
    engine.say("lệ phí bao nhiêu", "erased")
    assert engine.erase("erased").status_code == 204
    assert engine.erase("erased").status_code == 204
    engine.say("lệ phí bao nhiêu", "erased")
    assert engine.stub.calls[-1]["tracker"]["slots"]["procedure_code"] is None


def test_a_conversation_survives_a_restart_of_the_engine(
    engine: RunningEngine, engine_model: Path, tmp_path: Path
) -> None:
    engine.stub.events = [{"event": "slot", "name": "procedure_code", "value": "1.001193"}]
    engine.say("lệ phí bao nhiêu", "restart")
    environment = engine.part.environment
    other = engine_part(
        engine_model,
        free_port(),
        SECRET,
        environment["ASSISTANT_ACTION_URL"],
        environment["ASSISTANT_TRACKER_DB"],
        tmp_path / "engine.log",
    )
    other.start()
    try:
        assert other.wait_until_it_answers(START_SECONDS), other.last_words()
        RunningEngine(other, engine.stub, {}, engine.client).say("mấy ngày", "restart")
    finally:
        other.stop()
    assert engine.stub.calls[-1]["tracker"]["slots"]["procedure_code"] == "1.001193"


def test_the_log_holds_nothing_people_wrote(engine: RunningEngine) -> None:
    engine.say("câu này không được vào nhật ký, mã H37.12-250601-0003")
    engine.stub.fails = True
    engine.post(_turn(text="câu này cũng không được vào nhật ký"))
    log = engine.part.log.read_text(encoding="utf-8")
    assert "nhật ký" not in log
    assert "H37.12-250601-0003" not in log


def test_without_a_secret_the_engine_does_not_start(engine_model: Path, tmp_path: Path) -> None:
    url = "http://127.0.0.1:9/webhook"
    part = engine_part(engine_model, free_port(), "", url, "sqlite://", tmp_path / "log")
    part.start()
    assert not part.wait_until_it_answers(START_SECONDS)
    assert part.exit_code() == 1
    assert "ASSISTANT_ENGINE_SECRET" in part.last_words()


def test_a_broken_model_ends_the_engine_with_its_name(tmp_path: Path) -> None:
    model = tmp_path / "broken.tar.gz"
    model.write_bytes(b"no model")
    url = "http://127.0.0.1:9/webhook"
    part = engine_part(model, free_port(), SECRET, url, "sqlite://", tmp_path / "log")
    part.start()
    assert not part.wait_until_it_answers(START_SECONDS)
    assert part.exit_code() == 1
    assert "broken.tar.gz" in part.last_words()


def test_the_schema_of_an_actions_answer_is_compiled_once() -> None:
    script = """
from nlu import without_tensorflow
without_tensorflow.install()
import nlu.patches
from jsonschema import ValidationError
from rasa.core.actions.action import RemoteAction

compiled = 0
described = RemoteAction.action_response_format_spec

def counted():
    global compiled
    compiled += 1
    return described()

RemoteAction.action_response_format_spec = staticmethod(counted)
action = RemoteAction("a", None)
for _ in range(5):
    slot = {"event": "slot", "timestamp": None, "name": "a", "value": [1]}
    assert action._validate_action_result({"events": [slot], "responses": []})
assert compiled == 1, compiled
wrong = [1, [1], [{"event": "slot", "name": "a"}], [{"event": "slot", "name": 1, "value": 1}]]
for events in wrong:
    try:
        action._validate_action_result({"events": events})
    except ValidationError:
        continue
    raise SystemExit(f"a wrong answer was let through: {events}")
"""
    done = subprocess.run(
        [ENGINE_PYTHON, "-c", script], cwd=ROOT, env=engine_environment(), capture_output=True
    )
    assert done.returncode == 0, done.stderr.decode()[-500:]
