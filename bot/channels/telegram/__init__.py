"""Telegram: webhook or long polling, python-telegram-bot for what is sent."""

import os

# The library's own switch: times are timedeltas, as they will be in its next version.
os.environ.setdefault("PTB_TIMEDELTA", "true")
