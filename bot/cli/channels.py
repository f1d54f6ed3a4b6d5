"""``assistant channels``: register webhooks, and look whether they work."""

import asyncio

import typer

from bot.channels.doctor import check
from bot.channels.doctor import register as register_channel
from bot.channels.opening import wanted_settings
from bot.cli.output import console, table
from bot.settings import Settings
from knowledge.errors import OperatorError

app = typer.Typer(help="Telegram and Zalo.", no_args_is_help=True)


@app.command()
def register(channel: str) -> None:
    """Tell the platform of CHANNEL (telegram, zalo-oa, zalo-bot) where to deliver."""
    settings = Settings()
    if channel not in wanted_settings(settings):
        raise OperatorError(
            f"channels: {channel}: choose one of {', '.join(wanted_settings(settings))}"
        )
    told = asyncio.run(register_channel(settings, channel))
    console.print(f"{channel}: {told}", markup=False, highlight=False, soft_wrap=True)


@app.command()
def doctor() -> None:
    """Ask every platform how deliveries go, and say in words what is wrong."""
    lines = asyncio.run(check(Settings()))
    rows = [(channel, "ok" if works else "broken", told) for channel, works, told in lines]
    console.print(table("assistant channels doctor", ["channel", "state", ""], rows))
    if any(state == "broken" for _, state, _ in rows):
        raise OperatorError("channels: a channel is broken, see above")
