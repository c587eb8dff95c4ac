"""What is kept of a lesson: a table and a page, with phones by number and nobody by name."""

import csv
import html
import io
import json

from hlmteach.classroom.room import Room

COLUMNS = ("question", "round", "set", "phone", "answer")
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>
<style>body{{font:1rem/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem}}
td,th{{text-align:left;padding:.2rem .8rem;border-bottom:1px solid #ccc}}</style>
<h1>{title}</h1><p>{phones} phones took part. Who held which is not in this record.</p>{body}</html>
"""


def record_csv(room: Room) -> str:
    """Every answer as a row: question, round, what was set, the phone's number, answer."""
    text = io.StringIO()
    write = csv.writer(text)
    write.writerow(COLUMNS)
    for key, turn, phone, value in room.store.all_answers():
        state = _listed(room.state_of(key, turn))
        write.writerow([_title(room, key), turn + 1, state, phone, _plain(json.loads(value))])
    return text.getvalue()


def record_html(room: Room) -> str:
    """Each question with how often each answer was given."""
    counts: dict[tuple, dict[str, int]] = {}
    phones = set()
    for key, turn, phone, value in room.store.all_answers():
        phones.add(phone)
        answer = _plain(json.loads(value))
        asked = counts.setdefault((key, turn), {})
        asked[answer] = asked.get(answer, 0) + 1
    body = "".join(_section(room, *where, asked) for where, asked in counts.items())
    return PAGE.format(title="A class, live", phones=len(phones), body=body)


def _section(room: Room, key: str, turn: int, asked: dict[str, int]) -> str:
    again = f" (round {turn + 1})" if turn else ""
    rows = "".join(
        f"<tr><td>{html.escape(answer)}<td>{count}" for answer, count in sorted(asked.items())
    )
    title, state = html.escape(_title(room, key)), html.escape(_listed(room.state_of(key, turn)))
    return f"<h2>{title}{again}</h2><p>{state}</p><table><tr><th>answer<th>phones{rows}</table>"


def _title(room: Room, key: str) -> str:
    activity = room.activities.get(key)
    return activity.title if activity else key


def _plain(value) -> str:
    """An answer as a cell of a table, which no spreadsheet takes for a formula."""
    text = _listed(value) if isinstance(value, dict) else str(value)
    return f"'{text}" if text[:1] in "=+-@\t" and not isinstance(value, float | int) else text


def _listed(values: dict) -> str:
    return ", ".join(
        f"{name} {value:.4g}" if isinstance(value, float) else f"{name} {value}"
        for name, value in values.items()
    )
