"""What Schemathesis thinks is an integer and this product does not: 4.0, which only JSON Schema takes for one."""

from typing import Any

import schemathesis


@schemathesis.hook
def map_body(context: object, body: Any) -> Any:
    return whole(body)


def whole(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: whole(part) for name, part in value.items()}
    if isinstance(value, list):
        return [whole(part) for part in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
