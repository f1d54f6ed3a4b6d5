"""Who asks. The role comes from a sign-in, never from what is said; see ``docs/officials.md``."""

from enum import StrEnum


class Role(StrEnum):
    """In rising order of what they may see and do."""

    CITIZEN = "citizen"
    OFFICIAL = "official"
    EDITOR = "editor"
    ADMIN = "admin"

    @property
    def sees_internal(self) -> bool:
        """Whether internal rules and unit figures may be shown."""
        return self is not Role.CITIZEN


def role_named(name: object) -> Role:
    """The role called ``name``; whatever is no role's name is a citizen."""
    try:
        return Role(str(name))
    except ValueError:
        return Role.CITIZEN
