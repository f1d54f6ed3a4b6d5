"""The dossier systems that the settings name."""

from bot.settings import Settings
from connectors.configuration import ConfigurationError, open_dossiers
from connectors.registry import Dossiers
from knowledge.errors import OperatorError


def open_systems(settings: Settings) -> Dossiers:
    """None where no file names them. Raises OperatorError."""
    if settings.dossier_systems is None:
        return Dossiers([])
    try:
        return open_dossiers(settings.dossier_systems)
    except ConfigurationError as error:
        raise OperatorError(f"ASSISTANT_DOSSIER_SYSTEMS: {error}") from None
