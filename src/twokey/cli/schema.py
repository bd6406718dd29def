"""`twokey schema`: the JSON Schema of gates.yaml, for editors."""

import json

from twokey.cli.console import say


def schema() -> None:
    """Print the JSON Schema of gates.yaml, for your editor.

    It is of draft 2020-12.
    """
    from twokey.config.json_schema import schema as config_schema
    from twokey.repository.config import gate_options
    from twokey.targets import target_options

    say(json.dumps(config_schema(gate_options(), target_options()), indent=2))
