"""A second opinion on vectors: ``python -m conformance.lab.confirm [--tshark] [FILE | FOLDER]...``.

Each vector is read by the lab (and, where it is asked for and can read the format, by tshark) and
compared with what the vector expects.  One line per vector: ``agree``, ``disagree`` with the
difference, ``free`` with the difference where the vector's level is MAY, or ``cannot`` where the
lab does not read the format.  Without names all vectors are
read.  Exit 0 if none disagrees, 1 if one does, 2 on misuse.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from conformance import places
from conformance.checks.comparison import differences
from conformance.lab.commands import Unsupported, perform
from conformance.lab.dissector import Dissector
from conformance.lab.presentation.refusal import Json, LabRefusal
from conformance.lab.sip import LabRefusal as SipRefusal

_RESULT = {"decode": "value", "reassemble": "bytes", "verify": "signer", "validate": "valid"}


def files(names: list[str]) -> Iterator[Path]:
    """The vector files named, folders searched."""
    for path in [Path(name) for name in names] or [places.vectors()]:
        if path.is_dir():
            yield from sorted(path.rglob("*.json"))
        else:
            yield path


def octets_of_parts(parts: list[dict[str, Json]]) -> list[bytes]:
    """The input of a vector, cut where its parts say so."""
    pieces = [b""]
    for part in parts:
        octets = bytes.fromhex(str(part["hex"])) if "hex" in part else str(part["text"]).encode()
        repeat = part.get("repeat", 1)
        if part.get("cut") and pieces[-1]:
            pieces.append(b"")
        pieces[-1] += octets * (repeat if isinstance(repeat, int) else 1)
    return pieces


def opinion(vector: dict[str, Json]) -> tuple[str, str]:
    """``agree``, ``disagree`` or ``cannot``, and in a few words why."""
    command, expect, parts = str(vector["command"]), vector["expect"], vector["bytes"]
    if not isinstance(expect, dict) or not isinstance(parts, list) or command not in _RESULT:
        return "cannot", f"the command {command} is not done by the lab"
    pieces = octets_of_parts([part for part in parts if isinstance(part, dict)])
    params: dict[str, Json] = {"format": vector["format"], "bytes": b"".join(pieces).hex()}
    params |= {name: vector[name] for name in ("name", "context") if name in vector}
    params["kind"] = vector.get("name")
    params["parts"] = [piece.hex() for piece in pieces]
    try:
        result = perform(command, params)
    except Unsupported as error:
        return "cannot", str(error)
    except (LabRefusal, SipRefusal) as refusal:
        return _refused(vector, expect, refusal)
    if vector["kind"] == "invalid":
        word = "free" if vector["level"] == "MAY" else "disagree"
        return word, f"accepted: {json.dumps(result)[:300]}"
    member = _RESULT[command]
    for path, want, got in differences(expect.get(member), result[member], member):
        return "disagree", f"{path}: the vector says {want}, the lab {got}"
    if command == "decode":
        return _way_back(vector, expect, params)
    return "agree", ""


def _refused(vector: dict[str, Json], expect: dict[str, Json], refusal: LabRefusal | SipRefusal) -> tuple[str, str]:
    if vector["kind"] != "invalid":
        return "free" if vector["level"] == "MAY" else "disagree", f"refused: {refusal}"
    wanted = expect.get("refusal")
    for name, given in (("error", getattr(refusal, "error", None)), ("status", getattr(refusal, "status", None))):
        right = wanted.get(name) if isinstance(wanted, dict) else None
        if isinstance(right, list) and given is not None and given not in right:
            return "disagree", f"refused with the {name} {given}, the vector says {right}: {refusal}"
    return "agree", str(refusal)


def _way_back(vector: dict[str, Json], expect: dict[str, Json], params: dict[str, Json]) -> tuple[str, str]:
    if not str(vector["format"]).startswith("reload."):
        return "agree", ""
    try:
        again = perform("reencode", params)["bytes"]
    except (LabRefusal, Unsupported) as refusal:
        return "disagree", f"not written again: {refusal}"
    wanted = expect.get("bytes", params["bytes"])
    if again != wanted:
        return "disagree", f"written as {again}"[:400]
    return "agree", ""


def main(arguments: list[str]) -> int:
    """Print an opinion per vector."""
    names = [name for name in arguments if not name.startswith("-")]
    if set(arguments) - set(names) - {"--tshark"}:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    paths, vectors, broken = list(files(names)), [], 0
    for path in paths:
        try:
            vectors.append(json.loads(path.read_text("utf-8")))
        except (OSError, ValueError) as error:
            broken += 1
            sys.stdout.write(f"disagree lab  {path}: no readable vector: {error}\n")
    opinions = [("lab", [opinion(vector) for vector in vectors])]
    if "--tshark" in arguments:
        dissector = Dissector()
        opinions.append((dissector.name, dissector.opinions(vectors)))
    disagreeing = 0
    for decoder, said in opinions:
        for vector, (word, why) in zip(vectors, said, strict=True):
            disagreeing += word == "disagree"
            if decoder == "lab" or word != "cannot":
                sys.stdout.write(f"{word:9}{decoder}  {vector.get('id')}{f': {why}' if why else ''}\n")
    return 1 if disagreeing or broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
