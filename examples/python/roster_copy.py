"""Keeps a copy of a roster in SQLite, read from Rollcall's change topics with kafka-python. Written from contract.md.

    KAFKA_BROKERS=localhost:9092 python roster_copy.py roster.db --types classes,users
    python roster_copy.py roster.db --dump

One line of JSON on stdout for all that is worth knowing: watermarks compared, messages that could not be read, and how
far each district is complete. SIGTERM ends it; started again, it goes on where it was.
"""
import argparse
import hashlib
import json
import os
import re
import signal
import sqlite3

from kafka import KafkaConsumer, TopicPartition

TYPES = ["orgs", "academicSessions", "courses", "classes", "users", "demographics", "enrollments"]
FETCH_BYTES = 2_097_176  # twice max.message.bytes, as the contract asks
TABLES = """
create table if not exists records (district text, type text, id text, partition int, generation int, active int,
  fingerprint text, record text, primary key (district, type, id)) without rowid;
create table if not exists fences (topic text, partition int, epoch int, position int, primary key (topic, partition, epoch));
create table if not exists positions (topic text, partition int, position int, primary key (topic, partition));
create table if not exists passed (district text, topic text, partition int, generation int,
  primary key (district, topic, partition));
"""


class Unreadable(Exception):
    pass


def say(**what):
    print(json.dumps(what), flush=True)


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
    found = re.fullmatch(r"roster\.(\w+)\.(created|updated|restored|archived|watermark|fence)", str(event.get("type")))
    check(found and found[1] == expected_type, "type")
    kind = found[2]
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


class Partition:
    """One partition of one change topic, followed message by message."""

    def __init__(self, db, at, entity_type, position, end):
        self.db, self.at, self.type = db, at, entity_type
        self.fences = db.execute(
            "select epoch, position from fences where topic = ? and partition = ?", (at.topic, at.partition)
        ).fetchall()
        self.is_second_read = False
        self.begin_read(position, end)

    def begin_read(self, position, end):
        self.next, self.read_to = position, end
        self.last = {}  # district -> its last watermark in this read

    def in_first_read(self):
        return self.next < self.read_to

    def take(self, message):
        """True if a watermark differs and the partition is to be read again."""
        in_first_read = self.in_first_read()
        self.next = message.offset + 1
        try:
            if message.value is None:
                self.forget((message.key or b"").decode())
            else:
                self.apply(message.offset, *read_event(message.value, self.type))
        except Unreadable as error:
            say(unreadable=[self.at.topic, self.at.partition, message.offset], reason=str(error))
        self.db.execute("replace into positions values (?, ?, ?)", (self.at.topic, self.at.partition, self.next))
        return False if in_first_read and self.in_first_read() else self.compare()

    def forget(self, key):
        """A tombstone. What came back after it comes again behind it, also when all is read again."""
        district, _, rest = key.partition("/")
        entity_type, _, gg4l_id = rest.partition("/")
        if district == "!watermark":
            self.last.pop(rest, None)
            self.db.execute("delete from passed where district = ? and topic = ? and partition = ?",
                            (rest, self.at.topic, self.at.partition))
        elif entity_type == self.type:
            self.last.pop(district, None)
            self.db.execute("delete from records where district = ? and type = ? and id = ?", (district, self.type, gg4l_id))

    def apply(self, offset, event, kind, district):
        if kind == "fence":
            self.fences.append((event["epoch"], offset))
            self.db.execute(
                "insert or ignore into fences values (?, ?, ?, ?)",
                (self.at.topic, self.at.partition, event["epoch"], offset),
            )
            return
        if kind != "watermark":
            self.last.pop(district, None)
        if any(epoch > event["epoch"] and position < offset for epoch, position in self.fences):
            return
        if kind == "watermark":
            self.last[district] = (offset, event)
            self.db.execute(
                """insert into passed values (?, ?, ?, ?) on conflict do update
                   set generation = max(generation, excluded.generation)""",
                (district, self.at.topic, self.at.partition, event["generation"]),
            )
            return
        record = None if kind == "archived" else json.dumps(event["data"])
        self.db.execute(
            """insert into records values (?, ?, ?, ?, ?, ?, ?, ?) on conflict do update
               set generation = excluded.generation, active = excluded.active, fingerprint = excluded.fingerprint,
                 record = coalesce(excluded.record, record)
               where records.generation < excluded.generation""",
            (district, self.type, event["subject"], self.at.partition, event["generation"], kind != "archived",
             event["fingerprint"], record),
        )

    def compare(self):
        differs = False
        for district, (offset, event) in self.last.items():
            where = (district, self.type, self.at.partition)
            rows = self.db.execute(
                "select id, fingerprint, active, generation from records where district = ? and type = ? and partition = ?",
                where,
            ).fetchall()
            if any(generation > event["generation"] for _, _, _, generation in rows):
                continue
            terms = [term(gg4l_id, fingerprint) for gg4l_id, fingerprint, active, _ in rows if active]
            xor = 0
            for one in terms:
                xor ^= one
            is_equal = (len(terms), f"{xor:016x}") == (event["data"]["active"], event["data"]["xor"])
            differs = differs or not is_equal
            say(watermark=[self.at.topic, self.at.partition, offset], district=district,
                generation=event["generation"], verdict="equal" if is_equal else "differs",
                again=self.is_second_read)
        self.last = {}
        read_again = differs and not self.is_second_read
        self.is_second_read = read_again
        return read_again


def complete(db, partitions):
    """District -> the generation that all partitions have passed."""
    found = db.execute("select district, count(*), min(generation) from passed group by district").fetchall()
    return {district: generation for district, count, generation in found if count == len(partitions)}


def follow(db, brokers, topics):
    consumer = KafkaConsumer(
        bootstrap_servers=brokers, group_id=None, enable_auto_commit=False, auto_offset_reset="earliest",
        isolation_level="read_uncommitted", max_partition_fetch_bytes=FETCH_BYTES,
    )
    places = [TopicPartition(topic, number) for topic in topics for number in sorted(consumer.partitions_for_topic(topic))]
    consumer.assign(places)
    starts, ends = consumer.beginning_offsets(places), consumer.end_offsets(places)
    kept = {(topic, number): position for topic, number, position in db.execute("select * from positions")}
    partitions = {}
    for at in places:
        position = max(kept.get((at.topic, at.partition), 0), starts[at])
        consumer.seek(at, position)
        partitions[at] = Partition(db, at, topics[at.topic], position, ends[at])
    told, has_caught_up = {}, False
    while not stopping:
        for at, messages in consumer.poll(timeout_ms=200).items():
            with db:  # rows, fences, watermarks passed and position: one transaction
                for message in messages:
                    if partitions[at].take(message):
                        partitions[at].begin_read(starts[at], consumer.end_offsets([at])[at])
                        consumer.seek(at, starts[at])
                        break
        if not has_caught_up and not any(one.in_first_read() for one in partitions.values()):
            has_caught_up = True
            say(caughtUp=True)
        now = complete(db, partitions)
        if now != told:
            told = now
            say(complete=now)
    consumer.close()


def dump(db):
    for row in db.execute("select district, type, id, partition, generation, active, fingerprint from records order by 1, 2, 3"):
        say(districtId=row[0], type=row[1], gg4lId=row[2], partition=row[3], generation=row[4], active=bool(row[5]),
            fingerprint=row[6])


stopping = []
if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("database")
    parser.add_argument("--types", default=",".join(TYPES))
    parser.add_argument("--namespace", default="rollcall")
    parser.add_argument("--dump", action="store_true", help="print the copy and end")
    options = parser.parse_args()
    database = sqlite3.connect(options.database)
    database.executescript(TABLES)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.append(True))
    prefix = "" if options.namespace == "rollcall" else options.namespace + "."
    if options.dump:
        dump(database)
    else:
        follow(database, os.environ.get("KAFKA_BROKERS", "localhost:9092").split(","),
               {f"{prefix}roster.{name}.v1": name for name in options.types.split(",")})
    database.close()
