"""Rings that several scenarios have: peers by their names, and how far each is behind the subject, in turns."""

NINE = {
    "ada": 0.04, "bob": 0.1, "cleo": 0.2, "dora": 0.3, "emil": 0.45, "finn": 0.6, "gwen": 0.7, "hugo": 0.8, "ines": 0.95,
}  # fmt: skip
"""Three successors, three peers that are no neighbours of the subject, three predecessors."""
FOUR = {"ada": 0.2, "bob": 0.4, "cleo": 0.6, "dora": 0.8}
