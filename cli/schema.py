"""`zoo schema`: the JSON Schema of an entry, for editors."""

import json


def schema() -> None:
    """Print the JSON Schema of entries, for editors."""
    from zoo.config import json_schema as library

    print(json.dumps(library.schema(), indent=2))
