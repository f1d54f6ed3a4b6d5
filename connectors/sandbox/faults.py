"""What a dossier system can do wrong to a look-up."""

import json
from enum import StrEnum
from typing import Any

from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse

LISTS = ("content", "result", "data")
"""Where iGate, the national adapter and OpenCPS keep what they found."""


class Fault(StrEnum):
    """What the sandbox can be told to do wrong to every look-up (tokens go on)."""

    SLOW = "slow"
    RESET = "reset"
    HTML = "html"
    TRUNCATED = "truncated"
    ENCODING = "encoding"
    EMPTY = "empty"
    TWO_HITS = "two_hits"
    WRONG_TYPES = "wrong_types"
    STATUS_401 = "401"
    STATUS_403 = "403"
    STATUS_404 = "404"
    STATUS_429 = "429"
    STATUS_500 = "500"


def spoiled(fault: Fault, response: Response) -> Response:
    """``response`` as ``fault`` would have it; statuses and slowness are for the caller."""
    body = bytes(response.body)
    if fault is Fault.HTML:
        return HTMLResponse("<html><body>sandbox</body></html>")
    if fault is Fault.TRUNCATED:
        return Response(body[: len(body) // 2], media_type="application/json")
    if fault is Fault.ENCODING:
        return Response(body.decode().encode("utf-16"), media_type="application/json")
    if fault is Fault.EMPTY:
        return JSONResponse({"error_code": 0, **{key: [] for key in LISTS}})
    if fault is Fault.WRONG_TYPES:
        return JSONResponse({"error_code": 0, **dict.fromkeys(LISTS, 7)})
    if fault is Fault.TWO_HITS:
        return Response(_doubled(body), media_type="application/json")
    return StreamingResponse(_cut_off(), headers={"content-length": "1000"})


def _doubled(body: bytes) -> bytes:
    reply = json.loads(body)
    for key in LISTS:
        if key in reply:
            reply[key] = reply[key] * 2
    return json.dumps(reply).encode()


async def _cut_off() -> Any:
    yield b'{"content": ['
    raise ConnectionResetError("sandbox")
