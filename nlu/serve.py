"""``python -m nlu.serve --model FILE --port N``: the engine's server.

What ``rasa run`` does, without TensorFlow, access log and the rest of Rasa's HTTP interface: only
the gateway's channel answers, on loopback unless ``--host`` says otherwise.
"""

import argparse
import logging
import os
import sys
from functools import partial
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from nlu import without_tensorflow

without_tensorflow.install()

from rasa.core.agent import load_agent  # noqa: E402
from rasa.core.run import close_resources, configure_app, create_http_input_channels  # noqa: E402
from rasa.core.utils import AvailableEndpoints  # noqa: E402
from rasa.shared.exceptions import RasaException  # noqa: E402

from nlu.errors import BadStore  # noqa: E402
from nlu.patches import close_sessions  # noqa: E402
from nlu.tracker_store import BoundedTrackerStore  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--credentials", type=Path, default=ROOT / "credentials.yml")
    parser.add_argument("--endpoints", type=Path, default=ROOT / "endpoints.yml")
    return parser.parse_args()


async def _load(model: Path, endpoints: AvailableEndpoints, app: Any, loop: Any) -> None:
    try:
        agent = await load_agent(model_path=str(model), endpoints=endpoints, loop=loop)
    except (BadStore, SQLAlchemyError) as error:
        logging.error("engine: %s", str(error).splitlines()[0])
        os._exit(1)
    if not agent.is_ready():
        logging.error("engine: the model %s cannot be loaded; train it again", model)
        os._exit(1)
    store = agent.tracker_store._tracker_store
    if not isinstance(store, BoundedTrackerStore):
        logging.error("engine: endpoints.yml names a tracker store that cannot be loaded")
        os._exit(1)
    app.ctx.agent = agent


def _log_warnings_only() -> None:
    """Rasa's debug lines hold what people wrote; none may reach a log."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        cache_logger_on_first_use=True,
    )


def main() -> None:
    _log_warnings_only()
    for optional in ("ASSISTANT_REDIS_URL", "ASSISTANT_EVENT_BROKER"):
        os.environ.setdefault(optional, "")
    arguments = _arguments()
    try:
        channels = create_http_input_channels(None, str(arguments.credentials))
        endpoints = AvailableEndpoints.read_endpoints(str(arguments.endpoints))
    except (RasaException, ValueError) as error:
        sys.exit(f"engine: {error}")
    app = configure_app(channels, enable_api=False)
    app.register_listener(partial(_load, arguments.model, endpoints), "before_server_start")
    for close in (close_resources, close_sessions):
        app.register_listener(close, "after_server_stop")
    app.run(arguments.host, arguments.port, workers=1, access_log=False, motd=False)


if __name__ == "__main__":
    main()
