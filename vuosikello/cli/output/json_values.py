"""Results of the rooms as values that JSON can hold."""

from __future__ import annotations

import dataclasses
from datetime import date, datetime
from pathlib import Path
from typing import Any


def json_values(result: Any) -> Any:
    """Return a result (a model, a data class, lists and mappings of them) as JSON-able values.

    Moments and days are written as Python writes them, paths as they are.
    """
    if hasattr(result, "model_dump"):
        return result.model_dump(mode="json")
    if dataclasses.is_dataclass(result) and not isinstance(result, type):
        fields = dataclasses.fields(result)
        return {field.name: json_values(getattr(result, field.name)) for field in fields}
    if isinstance(result, dict):
        return {str(key): json_values(value) for key, value in result.items()}
    if isinstance(result, (list, tuple)):
        return [json_values(value) for value in result]
    if isinstance(result, (Path, datetime, date)):
        return str(result)
    return result
