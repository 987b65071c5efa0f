"""The OpenAPI 3.1 document, generated from the contract: its descriptors, its comments and its validation rules."""

from gateway.rest.openapi.document import build_document

__all__ = ["build_document"]
