"""Messages of a change topic, as contract.md and the schemas beside it say them."""
import hashlib
import json
import re

KINDS = ["created", "updated", "restored", "archived", "watermark", "fence"]


class Unreadable(Exception):
    pass


def term(gg4l_id, fingerprint):
    digest = hashlib.sha256(gg4l_id.encode() + b"\0" + fingerprint.encode()).digest()
    return int.from_bytes(digest[:8], "big")


def check(holds, what):
    if not holds:
        raise Unreadable(what)


def read_event(value, expected_type):
    """Event, kind and district of a message, or Unreadable where it is not what its schema says."""
    try:
        event = json.loads(value)
    except ValueError:
        raise Unreadable("no JSON") from None
    check(isinstance(event, dict) and event.get("specversion") == "1.0", "specversion")
    found = re.fullmatch(r"roster\.([A-Za-z]+)\.([A-Za-z0-9_-]+)", str(event.get("type")))
    check(found and found[1] == expected_type, "type")
    kind = found[2]
    if kind not in KINDS:
        return event, kind, None  # added to the topic since: not for this reader
    check(type(event.get("epoch")) is int, "epoch")
    if kind == "fence":
        return event, kind, None
    source = re.fullmatch(r"/districts/([A-Za-z0-9._-]{1,64})", str(event.get("source")))
    check(source, "source")
    check(type(event.get("generation")) is int, "generation")
    data = event.get("data")
    if kind == "watermark":
        check(isinstance(data, dict) and type(data.get("active")) is int and "xor" in data, "data")
    else:
        check(isinstance(event.get("subject"), str) and event["subject"], "subject")
        check(re.fullmatch(r"[0-9a-f]{32}", str(event.get("fingerprint"))), "fingerprint")
        check(kind == "archived" or isinstance(data, dict), "data")
    return event, kind, source[1]


def fence_epoch(value, expected_type):
    """None of what is no fence."""
    try:
        event, kind, _ = read_event(value or b"", expected_type)
    except Unreadable:
        return None
    return event["epoch"] if kind == "fence" else None
