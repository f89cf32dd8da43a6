"""An adapter that reads one format by hand, well or with one kind of misconduct: the word after its name."""

from __future__ import annotations

import json
import sys
from typing import Any


def read(params: dict[str, Any]) -> dict[str, Any]:
    """A ProbeReq of RFC 6940 6.4.2.4 is a list of one-octet codes, with its length in one octet."""
    octets = bytes.fromhex(params["bytes"])
    if params.get("format") != "reload.struct" or params.get("name") != "ProbeReq":
        return {"unsupported": "only ProbeReq is read"}
    if not octets or octets[0] != len(octets) - 1:
        return {"refusal": {"why": "the length is wrong", "where": "ProbeReq.requested_info", "error": 20}}
    return {
        "result": {
            "value": {"requested_info": [{1: "responsible_set", 2: "num_resources"}.get(o, o) for o in octets[1:]]}
        }
    }


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """The right answer."""
    command, params = request["command"], request["params"]
    if command == "hello":
        return {"result": {"name": "sample", "version": "1", "roles": ["codec"], "formats": ["reload.struct"]}}
    if command == "decode":
        return read(params)
    if command == "reencode":
        said = read(params)
        return {"result": {"bytes": params["bytes"]}} if "result" in said else said
    return {"unsupported": f"no command {command}"}


def main(conduct: str) -> None:
    """Answer line by line."""
    sys.stderr.write(f"conduct: {conduct}\n")
    for line in sys.stdin:
        try:
            request = json.loads(line)
        except ValueError:
            print(json.dumps({"id": None, "fault": "not JSON"}), flush=True)
            continue
        faulty = request["params"].get("bytes") == "0201"
        if request["command"] != "hello":
            if conduct == "mute":
                for _ in sys.stdin:
                    pass
                return
            if conduct == "ends" and faulty:
                sys.stderr.write("cannot go on\n")
                sys.exit(7)
            if conduct == "garbage" and faulty:
                print("this is no JSON", flush=True)
                continue
            if conduct == "accepts":
                print(json.dumps({"id": request["id"], "result": {"value": {}, "bytes": "00"}}), flush=True)
                continue
            if conduct == "declines":
                print(json.dumps({"id": request["id"], "unsupported": "not here"}), flush=True)
                continue
            if conduct == "refuses":
                print(json.dumps({"id": request["id"], "refusal": {"why": "no"}}), flush=True)
                continue
        print(json.dumps({"id": request["id"], **answer(request)}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "right")
