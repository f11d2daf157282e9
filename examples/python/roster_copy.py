"""Keeps a copy of a roster in SQLite, read from Rollcall's change topics with kafka-python. Written from contract.md.

    KAFKA_BROKERS=localhost:9092 python roster_copy.py roster.db --types classes,users
    python roster_copy.py roster.db --dump

One line of JSON on stdout for all that is worth knowing: watermarks compared, messages that could not be read or were
passed over, and how far each district is complete. SIGTERM ends it; started again, it goes on where it was.
"""
import argparse
import json
import os
import signal
import sqlite3

from kafka import KafkaConsumer, TopicPartition

from roster_messages import KINDS, Unreadable, fence_epoch, read_event, term

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


def say(**what):
    print(json.dumps(what), flush=True)


def stop_anew(at, found):
    raise SystemExit(f"{at.topic}[{at.partition}]: {found}. This is not the topic that was read before: if it was made anew, "
                     "begin with an empty database, and remove what was made of the old one")


class Partition:
    """One partition of one change topic, followed message by message."""

    def __init__(self, db, at, entity_type, position, end):
        self.db, self.at, self.type = db, at, entity_type
        self.fences = db.execute("select epoch, position from fences where topic = ? and partition = ?", at).fetchall()
        self.is_second_read = False
        self.begin_read(position, end)

    def read_again(self, start, end):
        self.note_position(start)
        self.begin_read(start, end)

    def note_position(self, position):
        self.db.execute("replace into positions values (?, ?, ?)", (self.at.topic, self.at.partition, position))

    def begin_read(self, position, end):
        self.next, self.read_to = position, end
        self.last = {}  # district -> its last watermark in this read

    def in_first_read(self):
        return self.next < self.read_to

    def take(self, message):
        """True if a watermark differs and the partition is to be read again."""
        in_first_read = self.in_first_read()
        self.check_fences(message)
        self.next = message.offset + 1
        try:
            if message.value is None:
                self.forget((message.key or b"").decode())
            else:
                self.apply(message.offset, *read_event(message.value, self.type))
        except Unreadable as error:
            say(unreadable=[self.at.topic, self.at.partition, message.offset], reason=str(error))
        self.note_position(self.next)
        return False if in_first_read and self.in_first_read() else self.compare()

    def check_fences(self, message):
        """Compaction leaves fences where they are (of one sent twice, the second): where one is not, the topic is another."""
        for epoch, position in self.fences:
            if self.next <= position <= message.offset and fence_epoch(message.value, self.type) != epoch:
                stop_anew(self.at, f"the fence of epoch {epoch} is not at its offset {position}")

    def forget(self, key):
        """A tombstone. What came back after it comes again behind it, also when all is read again."""
        district, _, rest = key.partition("/")
        entity_type, _, gg4l_id = rest.partition("/")
        if district == "!watermark":
            self.last.pop(rest, None)
            self.db.execute("delete from passed where district = ? and topic = ? and partition = ?",
                            (rest, self.at.topic, self.at.partition))
        elif entity_type == self.type:
            self.leave(district)
            self.db.execute("delete from records where district = ? and type = ? and id = ?", (district, self.type, gg4l_id))

    def apply(self, offset, event, kind, district):
        if kind not in KINDS:
            say(passedOver=[self.at.topic, self.at.partition, offset], type=event["type"])
            return
        if kind == "fence":
            self.fences.append((event["epoch"], offset))
            self.db.execute("insert or ignore into fences values (?, ?, ?, ?)",
                            (self.at.topic, self.at.partition, event["epoch"], offset))
            return
        if kind != "watermark":
            self.leave(district)
        if any(epoch > event["epoch"] and position < offset for epoch, position in self.fences):
            return
        if kind == "watermark":
            self.last[district] = (offset, event)
            return
        record = None if kind == "archived" else json.dumps(event["data"])
        self.db.execute(
            """insert into records values (?, ?, ?, ?, ?, ?, ?, ?) on conflict do update
               set generation = excluded.generation, active = excluded.active, fingerprint = excluded.fingerprint,
                 record = coalesce(excluded.record, record)
               where records.generation < excluded.generation""",
            (district, self.type, event["subject"], self.at.partition, event["generation"], kind != "archived",
             event["fingerprint"], record))

    def leave(self, district):
        """The district changes: a watermark above that is not compared any more, and so it is passed."""
        _, event = self.last.pop(district, (None, None))
        if event:
            self.passed(district, event)

    def passed(self, district, event):
        self.db.execute(
            """insert into passed values (?, ?, ?, ?) on conflict do update
               set generation = max(generation, excluded.generation)""",
            (district, self.at.topic, self.at.partition, event["generation"]),
        )

    def compare(self):
        """One that differs is not passed before the second read is done."""
        differs = False
        for district, (offset, event) in self.last.items():
            rows = self.db.execute(
                "select id, fingerprint, active, generation from records where district = ? and type = ? and partition = ?",
                (district, self.type, self.at.partition)).fetchall()
            if any(generation > event["generation"] for _, _, _, generation in rows):
                self.passed(district, event)
                continue
            terms = [term(gg4l_id, fingerprint) for gg4l_id, fingerprint, active, _ in rows if active]
            xor = 0
            for one in terms:
                xor ^= one
            is_equal = (len(terms), f"{xor:016x}") == (event["data"]["active"], event["data"]["xor"])
            differs = differs or not is_equal
            if is_equal or self.is_second_read:
                self.passed(district, event)
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


def check_last_fences(db, brokers, topics, ends):
    """Positions kept here outlive a topic that is made anew: what lies at the last fence's offset tells."""
    kept = db.execute("select topic, partition, max(position) from fences group by topic, partition").fetchall()
    consumer = connect(brokers)
    for topic, number, last in kept:
        at = TopicPartition(topic, number)
        if last >= ends.get(at, 0):
            continue  # not read now; or a position is above the end, too
        consumer.assign([at])
        consumer.seek(at, last)
        found = None
        while not found and not stopping:
            found = consumer.poll(timeout_ms=200).get(at)
        if found:
            Partition(db, at, topics[topic], last, ends[at]).check_fences(found[0])
    consumer.close()


def connect(brokers):
    return KafkaConsumer(
        bootstrap_servers=brokers, group_id=None, enable_auto_commit=False, auto_offset_reset="earliest",
        isolation_level="read_uncommitted", max_partition_fetch_bytes=FETCH_BYTES,
    )


def follow(db, brokers, topics):
    consumer = connect(brokers)
    places = [TopicPartition(topic, number) for topic in topics for number in sorted(consumer.partitions_for_topic(topic))]
    consumer.assign(places)
    starts, ends = consumer.beginning_offsets(places), consumer.end_offsets(places)
    check_last_fences(db, brokers, topics, ends)
    kept = {(topic, number): position for topic, number, position in db.execute("select * from positions")}
    partitions = {}
    for at in places:
        position = max(kept.get((at.topic, at.partition), 0), starts[at])
        if position > ends[at]:
            stop_anew(at, f"it was read up to {position}, but ends at {ends[at]}")
        consumer.seek(at, position)
        partitions[at] = Partition(db, at, topics[at.topic], position, ends[at])
    told, has_caught_up = {}, False
    while not stopping:
        for at, messages in consumer.poll(timeout_ms=200).items():
            with db:  # rows, fences, watermarks passed and position: one transaction
                for message in messages:
                    if partitions[at].take(message):
                        partitions[at].read_again(starts[at], consumer.end_offsets([at])[at])
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
