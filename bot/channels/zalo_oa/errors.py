"""What the error codes of the Zalo OA API mean for a message."""

from bot.channels.channel import Never, NotNow

TOKEN_REFUSED = -216
REFRESH_USED = -14020
_CLOSED = {
    -213: "the person does not follow the account",
    -218: "the person receives no more messages today",
    -230: "the person has not written for 7 days",
    -305: "48 hours have passed since the person wrote",
    -311: "more than 8 messages since the person wrote",
}
_WRONG = {
    -201: "Zalo found the parameters wrong",
    -210: "Zalo found the message too long",
    -233: "Zalo does not send this type of message",
}
_OPERATOR = {
    -211: "the account's quota is used up: buy messages or wait",
    -224: "the account's package does not include the API: upgrade it",
    -320: "the app is not linked to a Zalo Business Account: link it",
    -321: "the app's Zalo Business Account is not charged: settle it",
}
_RATE = -32
RATE_SECONDS = 60.0
OPERATOR_SECONDS = 600.0


def failure(code: int) -> NotNow | Never:
    """The exception for an error ``code``; an unknown one is tried again."""
    if code in _CLOSED:
        return Never(f"{_CLOSED[code]} ({code})")
    if code in _WRONG:
        return Never(f"{_WRONG[code]} ({code})")
    if code in _OPERATOR:
        return NotNow(f"{_OPERATOR[code]} ({code})", OPERATOR_SECONDS)
    if code == _RATE:
        return NotNow(f"rate limit ({code})", RATE_SECONDS)
    return NotNow(f"error {code}")
