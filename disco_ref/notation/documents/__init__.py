"""XML documents as values: dataclasses bound to elements, simple types, validation by schema."""
