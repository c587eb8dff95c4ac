"""How R reads a file as `read_table` read it: what that found out, R is told."""

from pathlib import Path

from hlmteach.datasets.marks import FAILED, MISSING

_R_ENCODINGS = {"utf-8": "UTF-8-BOM", "utf-8-sig": "UTF-8-BOM", "cp1252": "Windows-1252"}


def r_reader(file: str, options: dict, how: dict) -> str:
    """Write the R code that reads a file.

    Parameters
    ----------
    options : dict
        What was said to `read_table`.
    how : dict
        The table's `attrs["read"]`: separator, decimal sign, rows, as found.
    """
    suffix = Path(file).suffix.lower()
    if suffix in (".parquet", ".pq"):
        return f'data <- as.data.frame(arrow::read_parquet("{file}"))\n'
    if suffix in (".sav", ".zsav", ".dta"):
        read = _labelled(file, "read_dta" if suffix == ".dta" else "read_sav", options, how)
    elif suffix in (".xlsx", ".xlsm"):
        read = _excel(file, options, how)
    else:
        read = _text(file, options, how) if how else f'data <- read.csv("{file}")\n'
    return read + _filled(how.get("filled", ()))


def _filled(names) -> str:
    """An empty cell repeats the one above it."""
    if not names:
        return ""
    return (
        f"for (name in {_vector(names)}) {{\n"
        "  there <- !is.na(data[[name]])\n"
        "  data[[name]] <- c(NA, data[[name]][there])[cumsum(there) + 1]\n}\n"
    )


def _words(names) -> str:
    return "".join(f"data[[{_string(n)}]] <- as.character(data[[{_string(n)}]])\n" for n in names)


# -- text ------------------------------------------------------------------------------------


def _text(file: str, options: dict, how: dict) -> str:
    names = len(how["header"]) == 1
    encoding = _string(_R_ENCODINGS.get(how["encoding"], how["encoding"]))
    arguments = {
        "header": _logical(names),
        "skip": (how["header"][-1] - names) if how["header"] else 0,
        "nrows": how["rows"],
        "sep": _string(how["sep"] if how["sep"] != " " else ""),
        "dec": _string(how["decimal"]),
        "na.strings": _gaps(options),
        "fileEncoding": encoding,
        "quote": '"\\""',
        "comment.char": '""',
    }
    if not names:
        arguments["col.names"] = _vector(how["names"])
    if options.get("text"):
        kinds = ", ".join(f'{_string(name)} = "character"' for name in options["text"])
        arguments["colClasses"] = f"c({kinds})"
    before, source = "", _string(file)
    if how["left_out"]:  # rows of the file between the names and the last that are no data
        del arguments["fileEncoding"]
        rows = ", ".join(map(str, how["left_out"]))
        opened = f"file({source}, encoding = {encoding})"
        before = f"lines <- readLines({opened}, warn = FALSE)[-c({rows})]\n"
        source = "text = lines"
    listed = ",\n  ".join(f"{name} = {value}" for name, value in arguments.items())
    more = "check.names = FALSE, strip.white = TRUE, fill = TRUE"
    return f"{before}data <- read.table({source}, {listed},\n  {more})\n{_numbers(how)}"


def _numbers(how: dict) -> str:
    """R reads grouped digits and units as text: they are made numbers here."""
    if not how["converted"]:
        return ""
    sign = how["decimal"]
    return (
        f"for (name in {_vector(how['converted'])}) {{\n"
        '  text <- gsub("\\u2212", "-", data[[name]])\n'
        f'  text <- sub("{sign}", ".", gsub("[^0-9{sign}-]", "", text), fixed = TRUE)\n'
        "  data[[name]] <- as.numeric(text)\n}\n"
    )


# -- other files -----------------------------------------------------------------------------


def _excel(file: str, options: dict, how: dict) -> str:
    if not how:
        return f'data <- as.data.frame(readxl::read_excel("{file}"))\n'
    names = len(how["header"]) == 1
    skip = (how["header"][-1] - names) if how["header"] else 0
    header = "TRUE" if names else _vector(how["names"])
    code = (
        f'data <- as.data.frame(readxl::read_excel("{file}", sheet = {_string(how["sheet"])},\n'
        f"  skip = {skip}, n_max = {how['rows']}, col_names = {header},\n"
        f"  na = {_gaps(options)}))\n"
    )
    if how["left_out"]:
        rows = ", ".join(map(str, how["left_out"]))
        code += f"data <- type.convert(data[-c({rows}), ], as.is = TRUE)\n"
    for name in map(_string, how["converted"]):
        code += f'data[[{name}]] <- as.numeric(sub(",", ".", data[[{name}]], fixed = TRUE))\n'
    return code + _words(options.get("text", ()))


def _labelled(file: str, verb: str, options: dict, how: dict) -> str:
    """Only the columns that became categories here are factors in R."""
    encoding = f", encoding = {_string(options['encoding'])}" if "encoding" in options else ""
    code = f'data <- haven::{verb}("{file}"{encoding})\n'
    if how.get("categories"):
        names = _vector(how["categories"])
        code += f"for (name in {names}) data[[name]] <- haven::as_factor(data[[name]])\n"
    marks = _vector(["", *map(str, options.get("missing", []))])
    return (
        f"{code}data <- as.data.frame(haven::zap_labels(data))\n"
        f"data[] <- lapply(data, function(x) replace(x, trimws(x) %in% {marks}, NA))\n"
        f"{_words(options.get('text', ()))}"
    )


def _gaps(options: dict) -> str:
    marks = [str(mark) for mark in options.get("missing", [])]
    return _vector(dict.fromkeys(["", "NA", *MISSING, *sorted(FAILED), *marks]))


def _vector(words) -> str:
    return f"c({', '.join(map(_string, words))})"


def _string(text: str) -> str:
    escaped = str(text).replace("\\", "\\\\").replace('"', '\\"')
    return '"' + escaped.replace("\t", "\\t").replace("\n", "\\n") + '"'


def _logical(value: bool) -> str:
    return "TRUE" if value else "FALSE"
