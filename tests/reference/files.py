"""Files of one's own in every kind, with what people's files hold, for the R that reads them."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import openpyxl
import pandas as pd
import pyreadstat

DATA = pd.DataFrame(
    {
        "school": list("aaaabbbbccccdddd"),
        "x": [1.0, 2, 3, 4] * 4,
        "grade": [1.0, 2, 1, 2, 2, 1, 1, 2, 1, 2, 2, 1, 1, 2, 2, 1],
        "y": [1.5, 2, 4.25, 3, 5, 7, 4, 6.5, 2, 1, 3, 5, 4, 6, 6.25, 9],
    }
)
LABELS = {
    "grade": {1: "first", 2: "second"},
    "x": {1: "never", 4: "always"},  # a scale with labels at its ends: it stays a number
    "y": {-99: "refused"},
}


def files() -> Iterator[tuple[str, bytes, dict]]:
    """The name of each file, what is in it, and what is said to read it."""
    lines = [",".join(map(str, row)) for row in DATA.itertuples(index=False)]
    names = ",".join(DATA)
    plain = "\n".join([names, *lines])
    yield "plain.csv", plain.encode(), {}
    german = plain.replace(",", ";").replace(".", ",")
    yield "german.csv", german.encode("utf-16"), {"decimal": ","}
    odd = ["A title", "", names, "# made by me", *lines[:5], names, *lines[5:], "Source: me"]
    yield "odd.csv", "\n".join(odd).encode(), {}
    units = [names, "name,cm,code,kg", *lines]
    yield "units.csv", "\n".join(units).encode(), {"header": 1, "skip": [2]}
    gaps = plain.replace("7.0", "missing").replace("bbbb", "")
    yield "gaps.csv", gaps.encode(), {"missing": ["missing"]}
    yield (
        "sums.csv",
        "\n".join([*plain.split("\n")[:9], "Total,9,9,99", *lines[8:]]).encode(),
        {"skip": [10]},
    )
    blocks = [line if i % 4 == 0 else line[1:] for i, line in enumerate(lines)]
    yield "blocks.csv", "\n".join([names, *blocks]).encode(), {"fill": ["school"]}
    recoded = plain
    for school, code in {"a,": "007,", "b,": "7,", "c,": "8,", "d,": "9,"}.items():
        recoded = recoded.replace(f"\n{school}", f"\n{code}")
    yield (
        "codes.csv",
        recoded.encode(),
        {"text": ["school"]},
    )
    alike = plain.replace("school,x", "a b,a.b").replace("grade,y", "a-b,y")
    yield "alike.csv", alike.encode(), {}
    yield "book.xlsx", book(), {}
    yield "second.xlsx", book(), {"sheet": "wave 2", "missing": [-99]}
    yield "survey.sav", labelled(".sav"), {}
    yield "codes.sav", labelled(".sav"), {"value_labels": False, "missing": [9]}
    yield "survey.dta", labelled(".dta"), {}


def book() -> bytes:
    """Two sheets: merged groups below a title and above a source; a code and a word for gaps."""
    workbook, stream = openpyxl.Workbook(), BytesIO()
    first, second = workbook.active, workbook.create_sheet("wave 2")
    first.append(["My study"])
    first.append(list(DATA))
    for i, row in enumerate(DATA.itertuples(index=False)):
        first.append([None if i % 4 else row[0], *row[1:]])
        if not i % 4:
            first.merge_cells(start_row=i + 3, end_row=i + 6, start_column=1, end_column=1)
    first.append(["Source: me"])
    second.append(list(DATA))
    for i, row in enumerate(DATA.itertuples(index=False)):
        second.append([*row[:3], -99 if i == 5 else "#N/A" if i == 6 else row[3]])
    workbook.save(stream)
    return stream.getvalue()


def labelled(suffix: str) -> bytes:
    """Labels for all values of one column, for the ends of another, for a gap of the third."""
    with TemporaryDirectory() as folder:
        path = Path(folder, f"t{suffix}")
        data = DATA.assign(school=DATA["school"].where(DATA["school"] != "d", ""))
        if suffix == ".dta":
            pyreadstat.write_dta(data, path, variable_value_labels={"grade": LABELS["grade"]})
        else:
            data.loc[3, "y"] = -99
            gaps = {"y": [-99]}
            pyreadstat.write_sav(data, path, variable_value_labels=LABELS, missing_ranges=gaps)
        return path.read_bytes()
