"""`zoo schema`: the JSON Schema of an entry, for editors."""


def schema() -> None:
    """Print the JSON Schema of entries, for editors."""
    from zoo.config import json_schema as library

    from .output.result import write
    from .output.schema import schema_result

    write(schema_result(library.schema()))
