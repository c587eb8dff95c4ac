import pytest

from hlmteach.course.rules import read_problems
from hlmteach.course.source import Cell, Lesson

END = Cell("markdown", "## To take away\n\n- a\n- b\n- c")


def lesson(*cells, name="07_step_two", end=END):
    return Lesson(name, "T", 5, ("g",), "", (*cells, *([end] if end else [])))


def problems(*cells, **changes):
    other = lesson(Cell("markdown", "## A far heading"), name="01_other")
    return [str(problem) for problem in read_problems([lesson(*cells, **changes), other])]


def code(text, *tags):
    return Cell("code", text, frozenset(tags))


GOOD_CODE = [
    "import hlmteach as hlm\nhlm.load('HLM')",
    "\n".join(["x = 1"] * 12),
    "5 % 2\nx = 3 != 4",
    "import numpy as np\nnp.random.default_rng(1)\nnp.random.default_rng(seed=1)",
    "data.Time.cat.categories",
]


@pytest.mark.parametrize("text", GOOD_CODE)
def test_good_code_passes(text):
    assert problems(code(text)) == []


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("\n".join(["x = 1"] * 13), "has 13 lines; a cell has at most 12"),
        ("x = 'https://example.org'", "has a web address in code"),
        ("!pip install x", "has a ! or % line"),
        ("  %matplotlib inline", "has a ! or % line"),
        ("x = = 1", "is not Python: invalid syntax, line 1"),
        ("import hlmteach.engine", "imports hlmteach.engine"),
        ("from hlmteach.engine import fit", "imports from hlmteach.engine"),
        ("from hlmteach import load", "imports from hlmteach"),
        ("import hlmteach as hlm\nhlm._engine", "uses the private name hlm._engine"),
        ("fit._cross.yty", "uses the private name fit._cross"),
        ("hlm.engine", "uses hlm.engine, which hlmteach does not offer"),
        ("rng = np.random.default_rng()", "draws random numbers without a seed"),
    ],
)
def test_bad_code_is_named(text, complaint):
    (problem,) = problems(code(text))
    assert problem.startswith("07_step_two, cell 2 (")
    assert complaint in problem


def test_a_check_asserts():
    assert problems(code("assert 1", "check")) == []
    assert "tagged check, but asserts nothing" in problems(code("1", "check"))[0]


CHECK = code("assert f'{b:.3f} {share:.0%}' == '5.093 87%' and n == 2_681 and p < 0.001", "check")


@pytest.mark.parametrize(
    "text",
    [
        "The mean is 5.093, or -5.093, of 2,681 rows, and keeps 87 %; $p < .001$.",
        "12 people in 3 groups, 95 % of them here (Pinheiro and Bates, 2000, section 2.4).",
        "`4.321` and [this](https://doi.org/10.1234/5.678)\n\n```r\n9.876\n```",
        "It is $2{,}681$.\n\n## Further reading\n\n- pp. 123-456",
    ],
)
def test_numbers_that_a_check_holds_pass(text):
    assert problems(Cell("markdown", text), CHECK) == []


@pytest.mark.parametrize("stated", ["5.094", "5.09", "88 %", "2,682", ".002", "267"])
def test_a_number_that_no_check_holds_is_named(stated):
    (problem,) = problems(Cell("markdown", f"It is {stated} here."), CHECK)
    assert problem.startswith(f"07_step_two, cell 2: states {stated}, which no code cell holds")


@pytest.mark.parametrize(
    "text",
    [
        "[next](01_other.ipynb), [there](01_other.ipynb#A-far-heading)",
        "## My heading\n\n[up](#My-heading), [top](#07-·-T), [end](#To-take-away)",
        "[a paper](https://doi.org/10.1000/1)",
        "[one page](cheatsheet.pdf)",
        "`[no](link.md)` and\n\n```r\nx[1](link.md)\n```\n\n$[a](b)$",
    ],
)
def test_good_links_pass(text):
    assert problems(Cell("markdown", text)) == []


@pytest.mark.parametrize(
    "target", ["02_none.ipynb", "#No-heading", "01_other.ipynb#Nowhere", "../README.md", "a.png"]
)
def test_a_link_that_leads_nowhere_is_named(target):
    (problem,) = problems(Cell("markdown", f"see [this]({target} 'title')"))
    assert f"links to {target}, which is no lesson or heading" in problem


def test_a_picture_needs_words():
    found = problems(Cell("markdown", "![](https://example.org/a.png)"))
    assert "without a text for those who cannot see it" in found[0]


FOLD = "<details>\n<summary>For the curious: why</summary>\n\nMuch.\n\n</details>"


def test_a_fold_passes_and_is_not_counted():
    long = FOLD.replace("Much.", "much " * 2000)
    assert problems(Cell("markdown", f"Before.\n\n{long}\n\nAfter.")) == []


@pytest.mark.parametrize("old", ["For the curious: ", "</summary>\n", "\n</details>"])
def test_a_fold_that_would_not_open_is_named(old):
    assert (
        "has a fold that is not <details>" in problems(Cell("markdown", FOLD.replace(old, "")))[0]
    )


def test_a_lesson_is_read_in_half_an_hour():
    text = code("x = 1", "solution"), code("y = 2\nz = 3")
    words = Cell("markdown", "word " * 1470)
    assert problems(words, *text) == []
    (problem,) = problems(words, *text, Cell("markdown", "word " * 100))
    assert "its words: shows 1,5" in problem
    assert problems(words, words, name="A_more", end=None) == []


@pytest.mark.parametrize(
    "end",
    [
        None,
        Cell("markdown", "Bye."),
        Cell("markdown", "## To take away\n\n- a\n- b"),
        Cell("markdown", "## To take away\n\n- a\n- b\n- c\n- d"),
        Cell("markdown", "- a\n- b\n- c"),
    ],
)
def test_a_lesson_ends_with_three_bullets(end):
    found = problems(Cell("markdown", "Hello."), end=end)
    assert found == [
        "07_step_two, its end: ends with '## To take away' and three bullets below it."
    ]
