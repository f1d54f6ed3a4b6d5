"""``python -m connectors.sandbox --port N``: client id and secret come from the environment."""

import argparse
import os

import uvicorn

from connectors.sandbox.app import Sandbox


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="loopback port to listen on")
    port = parser.parse_args().port
    sandbox = Sandbox(os.environ["SANDBOX_CLIENT_ID"], os.environ["SANDBOX_CLIENT_SECRET"])
    uvicorn.run(sandbox.app(), host="127.0.0.1", port=port, access_log=False, log_level="warning")


main()
