"""Messages and enums of the contract as JSON Schema, in the form that the REST front reads and writes them."""

from collections.abc import Callable, Collection, Iterator

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor

from gateway.contract import PACKAGE, Contract, is_embedded_json, is_personal
from gateway.rest.codec.names import json_name, map_entry
from gateway.rest.codec.wellknown import DURATION_EXAMPLE, LATER_EXAMPLE, TIMESTAMP_EXAMPLE
from gateway.rest.openapi.rules import Schema, constrain, duration_pattern, mask_pattern

_PREFIX = "#/components/schemas/"
_SCALARS: dict[int, Schema] = {
    FieldDescriptor.TYPE_BOOL: {"type": "boolean"},
    FieldDescriptor.TYPE_BYTES: {"type": "string", "contentEncoding": "base64"},
    FieldDescriptor.TYPE_DOUBLE: {"type": "number", "format": "double"},
    FieldDescriptor.TYPE_FLOAT: {"type": "number", "format": "float"},
    FieldDescriptor.TYPE_INT32: {"type": "integer", "format": "int32"},
    FieldDescriptor.TYPE_SINT32: {"type": "integer", "format": "int32"},
    FieldDescriptor.TYPE_SFIXED32: {"type": "integer", "format": "int32"},
    FieldDescriptor.TYPE_UINT32: {"type": "integer", "minimum": 0},
    FieldDescriptor.TYPE_FIXED32: {"type": "integer", "minimum": 0},
    FieldDescriptor.TYPE_STRING: {"type": "string"},
}
_INT64: Schema = {"type": "string", "format": "int64", "pattern": "^-?[0-9]+$"}
_WELL_KNOWN: dict[str, Schema] = {
    "Any": {
        "type": "object",
        "description": "A message of any type: `@type` says which, the other members are its fields.",
        "properties": {"@type": {"type": "string"}},
        "additionalProperties": True,
    },
    "Duration": {"type": "string", "pattern": duration_pattern(), "examples": [DURATION_EXAMPLE]},
    "FieldMask": {"type": "string", "description": "Paths of fields, separated by commas.", "pattern": mask_pattern()},
    "ListValue": {"type": "array"},
    "Struct": {"type": "object", "additionalProperties": True},
    "Timestamp": {"type": "string", "format": "date-time", "examples": [TIMESTAMP_EXAMPLE]},
    "Value": {},
}
_EXAMPLES: dict[str, Schema] = {"end_time": {"examples": [LATER_EXAMPLE]}}
"""Of fields, by a name that means the same everywhere: a window whose end is its start is none."""

_Refer = Callable[[Descriptor], Schema]
"""From a message to a reference to its schema, as it is sent or as it is read."""


class Schemas:
    """Makes schemas, and collects those that others refer to."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self.components: dict[str, Schema] = {}
        """By the name under which `$ref` finds them."""

    def answer(self, message: Descriptor) -> Schema:
        """A reference to a message as it is sent: fields without presence are always there."""
        name = _name(message.full_name)
        if name not in self.components:
            self.components[name] = {}  # a message may hold itself
            required = [json_name(field) for field in message.fields if not field.has_presence]
            properties = {json_name(field): self._described(field, self.answer) for field in message.fields}
            schema = self._object(message, properties)
            self.components[name] = {**schema, **({"required": required} if required else {})}
        return {"$ref": _PREFIX + name}

    def body(self, message: Descriptor, without: Collection[str]) -> Schema:
        """A message as it is read from a body, without the fields that the path gives: nothing is required in it."""
        fields = [field for field in message.fields if field.name not in without]
        properties = {field.json_name: _nullable(self._described(field, self._given)) for field in fields}
        return {**self._object(message, properties), "additionalProperties": False}

    def field(self, field: FieldDescriptor) -> Schema:
        """A field of a request, with its rules and its comment."""
        return self._described(field, self._given)

    def _given(self, message: Descriptor) -> Schema:
        """A reference to a message as it is read within a body."""
        name = f"{_name(message.full_name)}Input"
        if name not in self.components:
            self.components[name] = {}
            self.components[name] = self.body(message, ())
        return {"$ref": _PREFIX + name}

    def _object(self, message: Descriptor, properties: Schema) -> Schema:
        description = "\n\n".join(filter(None, [self._contract.comment(message.full_name), *_choices(message)]))
        return {"type": "object", **({"description": description} if description else {}), "properties": properties}

    def _described(self, field: FieldDescriptor, refer: _Refer) -> Schema:
        comment = self._contract.comment(field.full_name)
        return {
            **constrain(self._type(field, refer), field),
            **({"description": comment} if comment else {}),
            **({"x-personal-data": True} if is_personal(field) else {}),
        }

    def _type(self, field: FieldDescriptor, refer: _Refer) -> Schema:
        entry = map_entry(field)
        if entry is not None:
            return {"type": "object", "additionalProperties": self._single(entry.fields_by_name["value"], refer)}
        if field.is_repeated:
            return {"type": "array", "items": self._single(field, refer)}
        return self._single(field, refer)

    def _single(self, field: FieldDescriptor, refer: _Refer) -> Schema:
        if is_embedded_json(field):
            return {}
        if field.enum_type is not None:
            return self._enum(field.enum_type)
        if field.message_type is None:
            return dict(_SCALARS.get(field.type, _INT64))
        package, _, name = field.message_type.full_name.rpartition(".")
        if package == "google.protobuf" and name in _WELL_KNOWN:
            return {**_WELL_KNOWN[name], **_EXAMPLES.get(field.name, {})}
        if package == "google.protobuf" and name.endswith("Value"):
            return self._single(field.message_type.fields_by_name["value"], refer)
        return refer(field.message_type)

    def _enum(self, enum: EnumDescriptor) -> Schema:
        name = _name(enum.full_name)
        if name not in self.components:
            scope = enum.full_name.rpartition(".")[0]
            lines = [f"- `{each.name}`: {self._contract.comment(f'{scope}.{each.name}')}" for each in enum.values]
            self.components[name] = {
                "type": "string",
                "description": "\n".join([self._contract.comment(enum.full_name), "", *lines]).strip(),
                "enum": [each.name for each in enum.values],
            }
        return {"$ref": _PREFIX + name}


def _name(full_name: str) -> str:
    """Names of the contract without its package; those of others in full."""
    return full_name.removeprefix(f"{PACKAGE}.")


def _nullable(schema: Schema) -> Schema:
    """What takes null, too, which in a body is the same as not given."""
    if "$ref" in schema:
        rest = {name: value for name, value in schema.items() if name != "$ref"}
        return {"anyOf": [{"$ref": schema["$ref"]}, {"type": "null"}], **rest}
    return {**schema, "type": [schema["type"], "null"]} if "type" in schema else schema


def _choices(message: Descriptor) -> Iterator[str]:
    """A sentence for each choice that the message has. The `oneof` of a single optional field is none."""
    for oneof in message.oneofs:
        names = [f"`{json_name(field)}`" for field in oneof.fields]
        if len(names) > 1:
            yield f"At most one of {', '.join(names)} is there."
