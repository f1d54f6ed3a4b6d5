"""A small gateway for browser tests: the widget's files, canned answers of every block type.

It keeps conversations in memory and fails on demand (``behaviour``). Two ports stand for two
origins: the gateway's own and a host page's (really served: a page that Playwright fulfils itself
may not load scripts from loopback). All content is made for these tests.
"""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI, Request
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, Response

from bot.channels.api import Message
from bot.widget import script
from knowledge.blocks import (
    Answer,
    AnswerBlock,
    CaseRows,
    ChoicesBlock,
    ComponentRow,
    ComponentsBlock,
    ContactBlock,
    DossierBlock,
    FeeRow,
    FeeTableBlock,
    ListBlock,
    NoticeBlock,
    Option,
    ProcedureBlock,
    SourceLine,
    StepRow,
    StepsBlock,
    TextBlock,
    TimelineRow,
)

WIDGET = Path(__file__).resolve().parents[1] / "bot" / "widget"
Json = dict[str, Any]

SOURCE = SourceLine(
    code="9.900001",
    decision="12/QĐ-THU",
    origin="Danh mục dùng để thử",
    url="https://example.org/9.900001",
    date="2026-07-01",
)
HOSTILE = "<img src=x onerror=\"document.title='broken'\"><b>đậm</b>"
BIRTH = "Đăng ký khai sinh"


def _birth() -> list[AnswerBlock]:
    """Every part of one procedure, as the knowledge side would answer it."""
    return [
        ProcedureBlock(
            code="9.900001",
            name=BIRTH,
            level="Cấp xã",
            field="Hộ tịch",
            facts=[
                ("Phí, lệ phí", "Không thu khi đăng ký đúng hạn"),
                ("Thời hạn", "Trong ngày làm việc"),
                ("Nơi nộp", "Ủy ban nhân dân cấp xã nơi cư trú của cha hoặc mẹ"),
                ("Cách nộp", "Trực tiếp, trực tuyến, bưu chính"),
            ],
            url="https://example.org/9.900001",
            online=True,
            warning="Dữ liệu này được làm ra để thử, không dùng làm căn cứ.",
            source=SOURCE,
        ),
        ComponentsBlock(
            title="Giấy tờ phải nộp",
            cases=[
                CaseRows(
                    name="Trường hợp nộp trực tiếp",
                    rows=[
                        ComponentRow(
                            name="Tờ khai theo mẫu",
                            originals=1,
                            copies=0,
                            form_name="Mẫu số 01",
                            form_url="https://example.org/mau-01.docx",
                        ),
                        ComponentRow(name="Giấy chứng sinh do cơ sở y tế cấp", originals=1),
                        ComponentRow(name="Giấy ủy quyền\n(nếu nhờ người khác)", quantity="01 bộ"),
                    ],
                ),
                CaseRows(
                    name="Trường hợp nộp trực tuyến",
                    rows=[ComponentRow(name="Bản chụp giấy chứng sinh", copies=1)],
                ),
            ],
            extra=["Người nộp xuất trình giấy tờ tùy thân khi đến nhận kết quả."],
            source=SOURCE,
        ),
        FeeTableBlock(
            title="Phí và thời hạn",
            rows=[
                FeeRow(
                    method="Trực tiếp",
                    time="Trong ngày làm việc",
                    fees=["Lệ phí: 0 đồng (đúng hạn)", "Lệ phí: 5.000 đồng (quá hạn)"],
                    note="Miễn cho người thuộc hộ nghèo.",
                ),
                FeeRow(method="Trực tuyến", time="1 ngày làm việc", fees=["Lệ phí: 0 đồng"]),
                FeeRow(method="Bưu chính", time="3 ngày làm việc", fees=[]),
            ],
            extra=["Mức thu do nơi nhận hồ sơ niêm yết."],
            source=SOURCE,
        ),
        StepsBlock(
            title="Các bước",
            steps=[
                StepRow(name="Bước 1", text="Chuẩn bị giấy tờ.\nKiểm tra đủ chữ ký."),
                StepRow(name="Bước 2", text="Nộp tại bộ phận một cửa."),
                StepRow(text="Nhận kết quả theo phiếu hẹn."),
            ],
            source=SOURCE,
        ),
        ListBlock(
            title="Căn cứ pháp lý",
            items=[("60/2014/THU", "Luật dùng để thử"), ("123/2015/THU", "Nghị định để thử")],
            folded=True,
            source=SOURCE,
        ),
        ListBlock(title="Kết quả", items=[("Giấy khai sinh", "01 bản chính")], source=SOURCE),
    ]


def _one_fact() -> list[AnswerBlock]:
    """The part that speaks of what was asked, the whole folded, and a case left out."""
    head, papers, fees, steps, *_ = _birth()
    assert isinstance(papers, ComponentsBlock)
    first, second = papers.cases
    part = CaseRows(name=first.name, rows=first.rows[1:2])
    title = "Phần nói về điều bạn hỏi"
    marked = papers.model_copy(
        update={"title": title, "cases": [part], "extra": [], "marked": True}
    )
    left_out = [first.model_copy(update={"folded": True}), second]
    return [
        head,
        marked,
        papers.model_copy(update={"cases": left_out, "folded": True}),
        fees.model_copy(update={"folded": True}),
        steps.model_copy(update={"folded": True}),
        TextBlock(title="Điều kiện", text="Không nêu.", folded=True, source=SOURCE),
    ]


def _hostile() -> list[AnswerBlock]:
    """Markup and a script address wherever a record may carry text or an address."""
    return [
        TextBlock(title=HOSTILE, text=HOSTILE + "\n\nXem https://example.org/a.", source=SOURCE),
        ComponentsBlock(
            title="Giấy tờ",
            cases=[
                CaseRows(
                    name=HOSTILE,
                    rows=[
                        ComponentRow(
                            name=HOSTILE, form_name="Mẫu", form_url="javascript:document.title='x'"
                        )
                    ],
                )
            ],
            source=SOURCE.model_copy(update={"url": "data:text/html,x"}),
        ),
        NoticeBlock(text=HOSTILE, level="warning"),
    ]


def _choices() -> list[AnswerBlock]:
    options = [
        Option(label="Đăng ký khai sinh", detail="Cấp xã · Hộ tịch", id="pick-birth"),
        Option(label="Đăng ký lại khai sinh", detail="Cấp xã · Hộ tịch", id="pick-again"),
    ]
    return [ChoicesBlock(text="Có hai thủ tục gần với câu hỏi, bạn chọn:", options=options)]


def _contact() -> list[AnswerBlock]:
    return [
        NoticeBlock(text="Thủ tục này chưa có trong danh mục."),
        ContactBlock(
            text="Bạn có thể liên hệ:",
            lines=[("Bộ phận một cửa", "Nơi bạn cư trú"), ("Trang", "https://example.org/lien-he")],
        ),
    ]


def _dossier() -> list[AnswerBlock]:
    timeline = [
        TimelineRow(label="Tiếp nhận", when="01/06/2026", state="done"),
        TimelineRow(label="Cần bổ sung giấy tờ", state="now"),
        TimelineRow(label="Hẹn trả kết quả", when="08/06/2026", state="todo"),
    ]
    return [
        DossierBlock(
            code="H37.12-250601-0003",
            procedure=BIRTH,
            agency="Ủy ban nhân dân xã Thử",
            status="Cần bổ sung giấy tờ",
            meaning="Hồ sơ còn thiếu.",
            due="Hẹn trả ngày 08/06/2026, trễ 2 ngày làm việc.",
            late=True,
            next_steps=["Nộp thêm bản sao giấy chứng sinh."],
            timeline=timeline,
            as_of="Theo hệ thống để thử, lúc 08:00 ngày 10/06/2026",
        )
    ]


def answer(text: str) -> Answer:
    """The canned answer of a question, by a word in it."""
    if text == BIRTH:  # the bare name: its facts, and what is behind them
        head, papers, fees, *_ = _birth()
        return Answer(outcome="answered", blocks=[head, papers, fees])
    if "hồ sơ h37" in text.lower():
        return Answer(outcome="dossier_found", blocks=_dossier())
    if "khai sinh" in text.lower() or text == "pick-birth":
        follow = [Option(label="Còn lệ phí thì sao?"), Option(label="Xem các bước", id="steps")]
        return Answer(outcome="answered", blocks=_birth(), suggestions=follow)
    if "chứng sinh" in text:
        return Answer(outcome="answered", blocks=_one_fact())
    if "chọn" in text:
        return Answer(outcome="choice_offered", blocks=_choices())
    if "mã độc" in text:
        return Answer(outcome="answered", blocks=_hostile())
    if "liên hệ" in text:
        return Answer(outcome="not_in_catalogue", blocks=_contact())
    if text == "xóa dữ liệu":
        return Answer(outcome="erased", blocks=[TextBlock(text="Tôi đã xóa nội dung.")])
    return Answer(outcome="small_talk", blocks=[TextBlock(text="Chào bạn, bạn cần làm gì?")])


@dataclass
class Behaviour:
    """What goes wrong next, and what has been asked so far."""

    delay: float = 0.0
    problem: tuple[int, str] | None = None
    lose_reply: bool = False
    host_page: str = ""
    host_policy: str = ""
    requests: list[str] = field(default_factory=list)
    erased: list[str] = field(default_factory=list)
    feedback: list[str] = field(default_factory=list)
    talks: dict[str, list[Json]] = field(default_factory=dict)
    ids: Iterator[int] = field(default_factory=count)


def _problem(status: int, detail: str) -> JSONResponse:
    body = {"type": "about:blank", "title": "Lỗi", "status": status, "detail": detail}
    return JSONResponse(body, status, media_type="application/problem+json")


def _talk_routes(app: FastAPI, behaviour: Behaviour) -> None:
    @app.post("/api/v1/conversations")
    async def start() -> Json:
        talk = f"talk-{next(behaviour.ids)}"
        behaviour.talks[talk] = []
        notice = {
            "text": "Tôi là trợ lý tự động (AI), không phải cán bộ. Đây là hướng dẫn.",
            "lines": [("Gặp trực tiếp", "Bộ phận Một cửa thử"), ("Cổng", "https://example.org/")],
        }
        asked = ["Làm khai sinh cho con cần giấy tờ gì?", "Tôi muốn chọn thủ tục", "Xin chào"]
        asked += [f"Câu hay được hỏi thứ {place}" for place in range(4, 11)]
        suggestions = [{"label": label, "id": None} for label in asked]
        token = f"token-{talk}"
        return {
            "conversation_id": talk, "token": token, "notice": notice, "suggestions": suggestions
        }  # fmt: skip

    @app.get("/api/v1/conversations/{talk}/messages")
    async def history(talk: str) -> Response:
        if talk not in behaviour.talks:
            return _problem(404, "Không tìm thấy cuộc trò chuyện này.")
        return JSONResponse({"turns": behaviour.talks[talk]})

    @app.post("/api/v1/conversations/{talk}/messages")
    async def message(talk: str, sent: Message, request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer token-{talk}":
            return _problem(401, "Phiên trò chuyện không hợp lệ.")
        if talk not in behaviour.talks:
            return _problem(404, "Không tìm thấy cuộc trò chuyện này.")
        known = (one for one in behaviour.talks[talk] if one["message_id"] == sent.message_id)
        if (resent := next(known, None)) is not None:
            return JSONResponse(resent)
        asked = sent.choice or sent.text or ""
        turn = {
            "turn_id": f"turn-{next(behaviour.ids)}",
            "message_id": sent.message_id,
            "text": sent.text or BIRTH,
            **answer(asked).model_dump(mode="json"),
        }
        behaviour.talks[talk].append(turn)
        if behaviour.lose_reply:
            behaviour.lose_reply = False
            return Response(b"", headers={"content-length": "100"})
        return JSONResponse(turn)

    @app.delete("/api/v1/conversations/{talk}")
    async def erase(talk: str) -> Response:
        behaviour.erased.append(talk)
        behaviour.talks.pop(talk, None)
        return Response(status_code=204)

    @app.post("/api/v1/turns/{turn}/feedback")
    async def feedback(turn: str, body: dict[str, str]) -> Response:
        behaviour.feedback.append(body["value"])
        return Response(status_code=204)


def make_app(behaviour: Behaviour) -> FastAPI:
    app = FastAPI()
    _talk_routes(app, behaviour)

    @app.get("/widget.js")
    async def widget() -> Response:
        return Response(script(), media_type="text/javascript")

    @app.get("/")
    async def page() -> FileResponse:
        return FileResponse(WIDGET / "index.html")

    @app.get("/host")
    async def host() -> HTMLResponse:
        policy = {"content-security-policy": behaviour.host_policy} if behaviour.host_policy else {}
        return HTMLResponse(behaviour.host_page, headers=policy)

    @app.get("/chat")
    async def plain() -> HTMLResponse:
        return HTMLResponse("<!doctype html><html lang=vi><title>Trang</title><h1>Hỏi đáp</h1>")

    @app.middleware("http")
    async def misbehave(request: Request, call_next: Any) -> Any:
        behaviour.requests.append(f"{request.method} {request.url.path}")
        if request.url.path.startswith("/api/"):
            await asyncio.sleep(behaviour.delay)
            if behaviour.problem and request.method != "OPTIONS":
                return _problem(*behaviour.problem)
        return await call_next(request)

    app.add_middleware(
        CORSMiddleware, allow_origins=["*"], allow_methods=["*"], allow_headers=["*"]
    )
    return app


@dataclass
class FakeGateway:
    url: str
    other_url: str
    behaviour: Behaviour


@contextmanager
def running() -> Iterator[FakeGateway]:
    """Serves on two free ports from a thread until the block ends."""
    behaviour = Behaviour()
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    urls = [f"http://127.0.0.1:{one.getsockname()[1]}" for one in sockets]
    config = uvicorn.Config(make_app(behaviour), log_level="critical", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=(sockets,), daemon=True)
    thread.start()
    try:
        yield FakeGateway(urls[0], urls[1], behaviour)
    finally:
        server.should_exit = True
        thread.join(10)
        for one in sockets:
            one.close()
