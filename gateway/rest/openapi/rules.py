"""What `buf.validate` demands of a field, as JSON Schema says it; what JSON Schema cannot say, the comment does."""

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


def constrain(schema: Schema, field: FieldDescriptor) -> Schema:
    """The schema with the field's rules added."""
    options = field.GetOptions()
    if not options.HasExtension(_FIELD):
        return schema
    rules: validate_pb2.FieldRules = options.Extensions[_FIELD]
    return _with_rules(schema, rules)


def _with_rules(schema: Schema, rules: validate_pb2.FieldRules) -> Schema:
    kind = rules.WhichOneof("type")
    if kind == "string":
        return {**schema, **_keywords(rules.string, _STRINGS)}
    if kind == "repeated":
        items = _with_rules(schema["items"], rules.repeated.items)
        return {**schema, "items": items, **_keywords(rules.repeated, _LISTS)}
    if kind in _NUMERIC:
        return {**schema, **_keywords(getattr(rules, kind), _NUMBERS)}
    return schema


def _keywords(rules: Any, names: dict[str, str]) -> Schema:  # noqa: ANN401 - the rules of one of the types
    return {keyword: getattr(rules, name) for name, keyword in names.items() if rules.HasField(name)}
