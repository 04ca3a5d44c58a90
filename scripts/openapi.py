#!/usr/bin/env python3
"""
Write the description of the API anew: docs/openapi.json, and the Studio's types made of it.

  .venv/bin/python scripts/openapi.py          a test says when it has to be run
"""

import json
import re
from pathlib import Path
from typing import Any

from pipeyard.api.describe.document import describe_all

ROOT = Path(__file__).resolve().parents[1]
WORDS = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}
HEAD = "// Made by scripts/openapi.py from docs/openapi.json: do not edit.\n"


def main() -> None:
    """Write both files."""
    for path, text in files().items():
        path.write_text(text, "utf-8")


def files() -> dict[Path, str]:
    """Return the text of each file."""
    document = describe_all()
    return {
        ROOT / "docs/openapi.json": json.dumps(document, indent=1, ensure_ascii=False) + "\n",
        ROOT / "web/src/api/schema.gen.ts": types_of(document["components"]["schemas"]),
    }


def types_of(schemas: dict[str, Any]) -> str:
    """Return TypeScript's interfaces for schemas."""
    return HEAD + "".join(f"\n{interface(name, schema)}" for name, schema in schemas.items())


def interface(name: str, schema: dict[str, Any]) -> str:
    """Return one interface."""
    required = set(schema["required"])
    lines = [
        f"  {key_text(key)}{'' if key in required else '?'}: {type_text(value)};"
        for key, value in schema["properties"].items()
    ]
    if schema["additionalProperties"] is True:
        lines.append("  [more: string]: unknown;")
    about = f"/** {schema['description']} */\n" if schema["description"] else ""
    return f"{about}export interface {name} {{\n" + "\n".join(lines) + "\n}\n"


def type_text(schema: dict[str, Any]) -> str:
    """Return a schema as a type."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(type_text(one) for one in schema["anyOf"]))
    if schema.get("type") == "array":
        inner = type_text(schema["items"])
        return f"({inner})[]" if " " in inner and not inner.startswith("Record<") else f"{inner}[]"
    if schema.get("type") == "object":
        return f"Record<string, {type_text(schema['additionalProperties'])}>"
    return WORDS[schema["type"]] if "type" in schema else "unknown"


def key_text(key: str) -> str:
    """Return a key as TypeScript writes it."""
    return key if re.fullmatch(r"[A-Za-z_]\w*", key) else json.dumps(key)


if __name__ == "__main__":
    main()
