"""The output of `zoo schema`."""

import json
from typing import Any

from .result import Result


def schema_result(schema: dict[str, Any]) -> Result:
    """Return the schema as JSON; the rows of the other formats are the keys of an entry."""
    keys = [{"name": name, "required": name in schema["required"]} for name in schema["properties"]]
    names = [key["name"] for key in keys]
    return Result(schema, rows=keys, document=json.dumps(schema, indent=2) + "\n", names=names)
