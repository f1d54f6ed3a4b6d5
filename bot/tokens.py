"""Bearer tokens: signed, bound to one conversation, valid as long as its text is kept."""

import base64
import hashlib
import secrets
import time

from itsdangerous import BadSignature, TimestampSigner


class Tokens:
    """Signs with ``secret``; a token is good for ``days`` days."""

    def __init__(self, secret: str, days: int) -> None:
        self._signer = TimestampSigner(secret, salt="conversation")
        self._seconds = days * 24 * 3600

    def issue(self, conversation: str) -> str:
        """The token of ``conversation``."""
        return self._signer.sign(conversation).decode("ascii")

    def conversation(self, token: str) -> str | None:
        """The conversation that ``token`` opens, None when it is forged, damaged or too old. One
        from before the clock was set back is good, which ``max_age`` of itsdangerous refuses."""
        try:
            opened, issued = self._signer.unsign(token, return_timestamp=True)
            age = time.time() - issued.timestamp()
            return opened.decode("ascii") if age <= self._seconds else None
        except (BadSignature, UnicodeError):
            return None


def new_conversation_id() -> str:
    """A fresh unguessable id (22 characters)."""
    return secrets.token_urlsafe(16)


def new_turn_id() -> str:
    """A fresh unguessable id (12 characters)."""
    return secrets.token_urlsafe(9)


def turn_id_of(conversation: str, message_id: str) -> str:
    """The turn that a client's message becomes, however often it is sent (12 characters)."""
    digest = hashlib.sha256(f"{conversation} {message_id}".encode()).digest()
    return base64.urlsafe_b64encode(digest[:9]).decode("ascii")
