"""The portal widget: one script, put together from the files of this folder.

``texts.yml`` is everything it says, ``style.css`` its look. The other parts share one function's
scope, in the order below. Nobody has to build anything: the app joins them when it starts.
"""

import json
from pathlib import Path

import yaml

_FOLDER = Path(__file__).parent
_PARTS = ("dom", "gateway", "papers", "blocks", "messages", "talk", "assistant")
_HEAD = """\
/* The assistant's widget: <script src="https://HOST/widget.js" defer></script>
 * One web component in a shadow root; no framework, no request off its own origin. What people or
 * records contain only ever becomes text nodes. Options and policy: docs/embed.md. */
"""


def script() -> str:
    """``widget.js`` as browsers get it."""
    texts = yaml.safe_load(_read("texts.yml"))
    parts = "\n".join(_read(f"{part}.js") for part in _PARTS)
    return (
        f'{_HEAD}(() => {{\n"use strict";\n'
        f"const TEXTS = {json.dumps(texts, ensure_ascii=False)};\n"
        f"const STYLE = {json.dumps(_read('style.css'))};\n"
        f"const PRINT_STYLE = {json.dumps(_read('print.css'))};\n"
        f"{parts}}})();\n"
    )


def _read(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")
