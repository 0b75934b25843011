"""A resource of the API, described once: its checks, its encodings and its place in the OpenAPI document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import Response

from api.negotiate import Encoding

COMMON = ("lang", "f")


@dataclass(frozen=True, slots=True)
class Resource:
    """What one path answers.

    Parameters
    ----------
    id : str
        Operation id.
    summary : str
        What it is.
    offers : tuple of Encoding
        Encodings, best first.
    parameters : tuple of str
        Names under ``components/parameters`` that it takes beside ``lang`` and ``f``.
    schema : str
        Name under ``components/schemas`` of its JSON; empty = any object.
    tags : tuple of str
        Chapter of the OpenAPI document.
    headers : mapping
        Response headers worth describing, by name: what they say.
    """

    id: str
    summary: str
    offers: tuple[Encoding, ...]
    parameters: tuple[str, ...] = ()
    schema: str = ""
    tags: tuple[str, ...] = ("Core",)
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def known(self) -> tuple[str, ...]:
        """Names of all parameters that it takes."""
        return (*self.parameters, *COMMON)

    def route(self) -> dict[str, Any]:
        """Describe it to the framework.

        Returns
        -------
        dict
            Arguments of a route decorator.
        """
        return {
            "operation_id": self.id,
            "summary": self.summary,
            "tags": list(self.tags),
            "response_class": Response,
            "responses": {200: {"description": self.summary}},
            "openapi_extra": {"parameters": self._parameters(), "responses": self._responses()},
        }

    def _parameters(self) -> list[dict[str, Any]]:
        values = list(dict.fromkeys(offer.f for offer in self.offers))
        by_reference = [{"$ref": f"#/components/parameters/{name}"} for name in (*self.parameters, "lang")]
        encoding = {
            "name": "f",
            "in": "query",
            "required": False,
            "description": "Encoding; goes before the Accept header.",
            "schema": {"type": "string", "enum": values},
        }
        return [*by_reference, encoding]

    def _responses(self) -> dict[str, Any]:
        schema = {"$ref": f"#/components/schemas/{self.schema}"} if self.schema else {"type": "object"}
        content: dict[str, Any] = {}
        for offer in self.offers:
            content[offer.media.partition("; charset")[0]] = {"schema": _string(offer) or schema}
        said = {name: {"description": text, "schema": {"type": "string"}} for name, text in self.headers.items()}
        described = {"content": content, "headers": said} if said else {"content": content}
        errors = {str(status): {"$ref": f"#/components/responses/{status}"} for status in (400, 404, 406)}
        return {"200": described, **errors}


def _string(offer: Encoding) -> dict[str, str]:
    """Describe what is no JSON; nothing for what is."""
    if offer.packed:
        return {"type": "string", "format": "binary"}
    return {"type": "string"} if offer.media.startswith("text/") else {}
