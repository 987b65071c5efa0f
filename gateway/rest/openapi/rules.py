"""What `buf.validate` demands of a field, as JSON Schema says it; what JSON Schema cannot say, the comment does."""

from collections.abc import Iterable
from typing import Any

from google.protobuf.descriptor import FieldDescriptor

from buf.validate import validate_pb2

Schema = dict[str, Any]

# protoc types an extension as a plain FieldDescriptor, which the types of `Extensions` do not accept.
_FIELD: Any = validate_pb2.field
_NUMBERS = {"gte": "minimum", "lte": "maximum", "gt": "exclusiveMinimum", "lt": "exclusiveMaximum", "const": "const"}
_STRINGS = {"min_len": "minLength", "max_len": "maxLength", "pattern": "pattern", "const": "const"}
_LISTS = {"min_items": "minItems", "max_items": "maxItems", "unique": "uniqueItems"}
_NUMERIC = ("int32", "uint32", "sint32", "float", "double")
"""64-bit integers are strings in JSON, which have no minimum."""
_PATH = "[A-Za-z][A-Za-z0-9_]*([.][A-Za-z][A-Za-z0-9_]*)*"


def constrain(schema: Schema, field: FieldDescriptor) -> Schema:
    """The schema with the field's rules added."""
    options = field.GetOptions()
    if not options.HasExtension(_FIELD):
        return schema
    rules: validate_pb2.FieldRules = options.Extensions[_FIELD]
    return _with_rules(schema, rules)


def mask_pattern(path: str = _PATH) -> str:
    """What a mask's text must match whose paths must match `path`: any number of them, separated by commas."""
    return f"^(({path})(,({path}))*)?$"


def duration_pattern(*, signed: bool = True, digits: int = 12) -> str:
    """What a duration's text must match; `digits` are those before the point, of seconds."""
    return f"^{'-?' * signed}[0-9]{{1,{digits}}}([.][0-9]{{1,9}})?s$"


def _with_rules(schema: Schema, rules: validate_pb2.FieldRules) -> Schema:
    kind = rules.WhichOneof("type")
    if kind == "string":
        return {**schema, **_keywords(rules.string, _STRINGS)}
    if kind == "repeated":
        items = _with_rules(schema["items"], rules.repeated.items)
        return {**schema, "items": items, **_keywords(rules.repeated, _LISTS)}
    if kind == "field_mask":
        return {**schema, **_mask(getattr(rules.field_mask, "in"))}
    if kind == "duration":
        return {**schema, "pattern": _duration(rules.duration)}
    if kind in _NUMERIC:
        return {**schema, **_keywords(getattr(rules, kind), _NUMBERS)}
    return schema


def _keywords(rules: Any, names: dict[str, str]) -> Schema:  # noqa: ANN401 - the rules of one of the types
    return {keyword: getattr(rules, name) for name, keyword in names.items() if rules.HasField(name)}


def _mask(paths: Iterable[str]) -> Schema:
    """Both spellings are read; the example shows the one that JSON has."""
    spelled = {path: _camel_case(path) for path in paths}
    if not spelled:
        return {}
    either = sorted({*spelled, *spelled.values()})
    return {"pattern": mask_pattern("|".join(either)), "examples": [",".join(list(spelled.values())[:2])]}


def _camel_case(path: str) -> str:
    first, *rest = path.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _duration(rules: validate_pb2.DurationRules) -> str:
    """As near as a pattern comes: the sign and how many digits. The comment tells the bounds."""
    positive = any(rules.HasField(name) and getattr(rules, name).ToNanoseconds() >= 0 for name in ("gt", "gte"))
    most = next((getattr(rules, name).seconds for name in ("lt", "lte") if rules.HasField(name)), None)
    return duration_pattern(signed=not positive, **({} if most is None else {"digits": len(str(most))}))
