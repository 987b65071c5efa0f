"""What all tables of the configuration have in common."""

from collections.abc import Mapping
from typing import Any, get_args

from pydantic import BaseModel, ConfigDict, model_validator


class SettingsTable(BaseModel):
    """A table of the configuration: its keys, and no others."""

    # An error of the whole table would otherwise repeat it, credentials included.
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _has_no_truth_for_a_number(cls, table: Any) -> Any:  # noqa: ANN401 - whatever was given
        """Refuse true and false where neither is asked for: pydantic would read them as 1 and 0."""
        for key, value in table.items() if isinstance(table, Mapping) else ():
            if (
                isinstance(value, bool)
                and key in cls.model_fields
                and not _takes_bool(cls.model_fields[key].annotation)
            ):
                raise ValueError(f"{key}: must not be {str(value).lower()}")
        return table


def _takes_bool(annotation: object) -> bool:
    return annotation is bool or bool in get_args(annotation)
