"""The script's parts: each small, said in its first line, and layered."""

import re

import pytest

from hlmteach.stage.export import BROWSER, PARTS, SCRIPT

TEXTS = {part: (BROWSER / f"{part}.js").read_text(encoding="utf-8") for part in PARTS}
DEFINED = {
    part: re.findall(r"^(?:async )?(?:const|let|function|class) (\w+)", text, re.MULTILINE)
    for part, text in TEXTS.items()
}
each_part = pytest.mark.parametrize("part", PARTS)


def test_every_part_is_joined_once():
    assert sorted(path.stem for path in BROWSER.glob("*.js")) == sorted(PARTS)
    assert all(SCRIPT.count(text) == 1 for text in TEXTS.values())


@each_part
def test_a_part_is_short_and_says_what_it_is(part):
    first, *rest = TEXTS[part].splitlines()
    assert re.match(r"// [A-Z].*[.]$", first)
    assert len(rest) < 249


def test_no_name_is_defined_twice():
    names = [name for part in PARTS for name in DEFINED[part]]
    assert all(DEFINED.values())
    assert len(names) == len(set(names))


@each_part
def test_a_part_uses_names_of_earlier_parts_only(part):
    used = set(code_words(TEXTS[part]))
    later = {name: one for one in PARTS[PARTS.index(part) + 1 :] for name in DEFINED[one]}
    assert {name: later[name] for name in used & later.keys()} == {}


def test_every_name_is_used():
    words = code_words(SCRIPT)
    called = {"mountAll"}  # by a page
    for part in PARTS:
        for name in set(DEFINED[part]) - called:
            assert words.count(name) > 1, name


def code_words(text):
    """Names in the code, in order: not in comments, strings, as members (`.name`) or keys."""
    text = re.sub(r"(?<!:)//.*", "", text)
    text = re.sub(r'"[^"\n$]*"', '""', text)
    return re.findall(r"(?<!\w)(?<!(?<![.])[.])(\w+)\b(?!:)", text)
