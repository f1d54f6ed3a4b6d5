"""What Rasa does anew in every turn and need do only once. Importing this module applies it.

``RemoteAction`` compiles the JSON schema of an action's answer for each answer, which was 85 % of
a turn; here it is compiled when first needed and kept. What is checked stays the same. ``Event``
walks all its subclasses for each stored event to find one by name; here each name is found once.
"""

from functools import cache
from typing import Any

from jsonschema.validators import validator_for
from rasa.core.actions.action import RemoteAction
from rasa.shared.core.events import Event


@cache
def _action_result_validator() -> Any:
    schema = RemoteAction.action_response_format_spec()
    kind = validator_for(schema)
    kind.check_schema(schema)
    return kind(schema)


def _validate_action_result(self: RemoteAction, result: dict[str, Any]) -> bool:
    """Raises ``jsonschema.ValidationError`` when ``result`` is not an action server's answer."""
    _action_result_validator().validate(result)
    return True


RemoteAction._validate_action_result = _validate_action_result
Event.resolve_by_type = staticmethod(cache(Event.resolve_by_type))
