"""Rasa's action protocol as the app serves it inside its own loop."""

import socket
from pathlib import Path
from typing import Any

import httpx
import pytest
from gateway import SECRET, running, settings
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection

from bot.action_server import listen
from bot.app import build_app
from connectors.registry import Dossiers
from knowledge.errors import OperatorError

pytestmark = pytest.mark.asyncio
SECRET_WORDS = "bí mật của tôi"
KNOWN = {"X-Engine-Secret": SECRET}


def executor() -> ActionExecutor:
    """Three actions: one that answers, one that declines, one that fails."""

    def answering(dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
        dispatcher.utter_message(json_message={"said": tracker.latest_message["text"]})
        return [{"event": "slot", "name": "procedure_code", "value": "1.001193"}]

    def declining(dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
        raise ActionExecutionRejection("action_declines")

    def failing(dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
        raise ValueError(tracker.latest_message["text"])

    made = ActionExecutor()
    made.register_function("action_answers", answering)
    made.register_function("action_declines", declining)
    made.register_function("action_fails", failing)
    return made


def call(name: str) -> dict[str, Any]:
    """What the engine sends to run an action, without the domain."""
    tracker = {
        "sender_id": "x", "slots": {}, "events": [], "paused": False, "active_loop": {},
        "latest_message": {"text": SECRET_WORDS, "intent": {"name": "ask"}, "entities": []},
        "latest_action_name": "action_listen", "followup_action": None,
    }  # fmt: skip
    return {"next_action": name, "sender_id": "x", "tracker": tracker, "version": "3.6.21"}


async def test_actions_run_and_fail_as_the_engine_expects(tmp_path: Path) -> None:
    async with running(tmp_path, executor()) as gateway, httpx.AsyncClient() as engine:
        url = f"http://127.0.0.1:{gateway.app.state.action_port}"
        names = ("action_answers", "action_declines", "action_fails", "action_unknown")
        done, declined, failed, unknown = [
            await engine.post(f"{url}/webhook", json=call(name), headers=KNOWN) for name in names
        ]
        health = await engine.get(f"{url}/health")
    body = done.json()
    assert [(event["event"], event["value"]) for event in body["events"]] == [("slot", "1.001193")]
    assert body["responses"][0]["custom"] == {"said": SECRET_WORDS}
    assert (declined.status_code, declined.json()["action_name"]) == (400, "action_declines")
    assert (unknown.status_code, failed.status_code, health.status_code) == (404, 500, 200)
    assert SECRET_WORDS not in failed.text


async def test_nobody_runs_an_action_without_the_engine_s_secret(tmp_path: Path) -> None:
    async with running(tmp_path, executor()) as gateway, httpx.AsyncClient() as stranger:
        url = f"http://127.0.0.1:{gateway.app.state.action_port}/webhook"
        for headers in ({}, {"X-Engine-Secret": ""}, {"X-Engine-Secret": "guessed"}):
            refused = await stranger.post(url, json=call("action_answers"), headers=headers)
            assert refused.status_code == 401
            assert SECRET_WORDS not in refused.text


async def test_actions_answer_on_loopback_without_nagles_delay() -> None:
    listener = listen(0)
    try:
        assert listener.getsockname()[0] == "127.0.0.1"
        assert listener.proto == socket.IPPROTO_TCP
    finally:
        listener.close()


async def test_a_taken_port_is_one_line_for_the_operator(tmp_path: Path) -> None:
    taken = listen(0)
    port = taken.getsockname()[1]
    try:
        with pytest.raises(OperatorError, match=f"port {port} .*ASSISTANT_ACTION_PORT"):
            build_app(settings(tmp_path, action_port=port), object(), executor(), Dossiers([]))  # type: ignore[arg-type]
    finally:
        taken.close()
