"""A fit over chunks is the fit of all rows at once; what needs the rows says that it does."""

import pickle

import numpy as np
import pandas as pd
import pytest

import hlmteach as hlm
from tests.conftest import not_in_a_browser

MODELS = [
    ("Reaction ~ Days", "sleepstudy"),
    ("Reaction ~ Days + (1 | Subject)", "sleepstudy"),
    ("Reaction ~ Days + (Days | Subject)", "sleepstudy"),
    ("Reaction ~ Days + (Days || Subject)", "sleepstudy"),
    ("Reaction ~ 1 + (0 + Days | Subject)", "sleepstudy"),
    ("Reaction ~ 0 + Days + (1 | Subject)", "sleepstudy"),
    ("log(Reaction) ~ Days + I(Days ** 2) + (1 | Subject)", "sleepstudy"),
    ("distance ~ age * Sex + (age | Subject)", "Orthodont"),
    ("Satisfaction ~ NPD * BPD + (1 | Time)", "HLM"),
    ("strength ~ 1 + (1 | batch:cask)", "Pastes"),
]


def in_pieces(data, count=4, seed=1):
    """Rows shuffled, so that every group is spread over the pieces."""
    rows = np.random.default_rng(seed).permutation(len(data))
    return [data.iloc[part] for part in np.array_split(rows, count)]


def whole(formula, data, reml):
    if "|" in formula:
        return hlm.lmer(formula, data, REML=reml)
    return hlm.gls(formula, data, method="REML" if reml else "ML")


@pytest.mark.parametrize(("formula", "name"), MODELS)
@pytest.mark.parametrize("reml", [False, True])
def test_the_fit_is_that_of_all_rows(formula, name, reml):
    data = hlm.load(name)
    one, many = whole(formula, data, reml), hlm.fit_chunks(formula, in_pieces(data), REML=reml)
    assert many.loglik == pytest.approx(one.loglik, abs=1e-8)
    np.testing.assert_allclose(many.fixef, one.fixef, rtol=1e-8)
    assert list(many.fixef.index) == list(one.fixef.index)
    np.testing.assert_allclose(many.se, one.se, rtol=1e-8)
    assert many.sigma == pytest.approx(one.sigma, rel=1e-8)
    np.testing.assert_allclose(many.theta, one.theta, atol=1e-6)
    assert (many.n_obs, many.n_groups, many.aic) == (
        one.n_obs,
        one.n_groups,
        pytest.approx(one.aic, abs=1e-7),
    )
    for factor, modes in one.ranef.items():
        aligned = many.ranef[factor].loc[modes.index]
        np.testing.assert_allclose(aligned, modes, atol=1e-6 * modes.abs().to_numpy().max())


def test_groups_keep_the_order_of_their_column():
    data = hlm.load("HLM")
    many = hlm.fit_chunks("Satisfaction ~ 1 + (1 | Time)", in_pieces(data))
    assert many.ranef["Time"].index.tolist() == data.Time.cat.categories.tolist()
    text = [piece.assign(Time=piece.Time.astype(str)) for piece in in_pieces(data)]
    plain = hlm.fit_chunks("Satisfaction ~ 1 + (1 | Time)", text)
    assert plain.ranef["Time"].index.tolist() == sorted(data.Time.cat.categories)


def test_offsets_cost_nothing():
    data = hlm.load("sleepstudy")
    far = data.assign(Reaction=data.Reaction + 1e8, Days=data.Days + 1e6)
    formula = "Reaction ~ Days + (Days | Subject)"
    near = hlm.lmer(formula, data)
    # Rounding y + 1e8 alone moves the likelihood by 1e-8.
    assert hlm.fit_chunks(formula, in_pieces(far)).loglik == pytest.approx(near.loglik, abs=1e-7)


def test_a_first_chunk_unlike_the_rest():
    data = hlm.simulate_groups(50, 30, beta=(5, 1), sd_u=(1, 0.5), seed=1)
    pieces = [data[data.x < -1], data[(data.x >= -1) & (data.y < 4)]]
    pieces.append(data.drop(pieces[0].index).drop(pieces[1].index))
    one = hlm.lmer("y ~ x + (x | group)", data)
    many = hlm.fit_chunks("y ~ x + (x | group)", pieces)
    assert many.loglik == pytest.approx(one.loglik, abs=1e-8)
    np.testing.assert_allclose(many.fixef, one.fixef, rtol=1e-8)


def test_a_predictor_constant_in_the_first_chunk_only():
    data = hlm.simulate_groups(20, 10, seed=1).assign(step=lambda d: (d.group > 10) * 1.0)
    many = hlm.fit_chunks("y ~ x + step + (1 | group)", [data[:100], data[100:]])
    one = hlm.lmer("y ~ x + step + (1 | group)", data)
    np.testing.assert_allclose(many.fixef, one.fixef, rtol=1e-8)


def test_collinear_columns_are_dropped_with_a_notice():
    data = hlm.simulate_groups(20, 10, seed=1).assign(twice=lambda d: 2 * d.x + 1)
    with pytest.warns(hlm.HLMWarning, match="Dropped twice"):
        many = hlm.fit_chunks("y ~ x + twice + (1 | group)", in_pieces(data))
    assert list(many.fixef.index) == ["(Intercept)", "x"]
    with pytest.raises(hlm.ModelError, match="random effect 'twice'"):
        hlm.fit_chunks("y ~ x + (x + twice | group)", in_pieces(data))


# -- sources ---------------------------------------------------------------------------------


def test_pieces_come_from_many_sources(tmp_path):
    import pyarrow as pa
    from pyarrow import dataset, parquet

    data = hlm.load("HLM").astype({"Time": str})
    formula = "Satisfaction ~ NPD + (1 | Time)"
    expected = hlm.lmer(formula, data).loglik
    path = tmp_path / "rows.parquet"
    data.to_parquet(path, row_group_size=500)
    table = pa.Table.from_pandas(data)
    data.to_csv(tmp_path / "rows.csv", index=False)
    sources = [
        path,
        str(path),
        table,
        dataset.dataset(path),
        parquet.ParquetFile(path).iter_batches,
        data,
        (piece for piece in in_pieces(data)),
        pd.read_csv(tmp_path / "rows.csv", chunksize=700),
    ]
    sources[4] = (batch.to_pandas() for batch in sources[4](300))
    for source in sources:
        assert hlm.fit_chunks(formula, source).loglik == pytest.approx(expected, abs=1e-8)


@not_in_a_browser
def test_duckdb_relations():
    import duckdb

    data = hlm.load("sleepstudy")
    relation = duckdb.from_df(data)
    fit = hlm.fit_chunks("Reaction ~ Days + (1 | Subject)", relation)
    assert fit.loglik == pytest.approx(
        hlm.lmer("Reaction ~ Days + (1 | Subject)", data).loglik, abs=1e-8
    )


@not_in_a_browser
def test_dask_frames():
    import dask.dataframe as dask

    data = hlm.load("sleepstudy")
    fit = hlm.fit_chunks("Reaction ~ Days + (1 | Subject)", dask.from_pandas(data, npartitions=3))
    assert fit.loglik == pytest.approx(
        hlm.lmer("Reaction ~ Days + (1 | Subject)", data).loglik, abs=1e-8
    )


def test_of_a_file_only_the_columns_named_are_read(tmp_path, monkeypatch):
    from pyarrow import parquet

    path = tmp_path / "rows.parquet"
    hlm.load("HLM").to_parquet(path)
    read = []
    plain = parquet.ParquetFile.iter_batches
    monkeypatch.setattr(
        parquet.ParquetFile,
        "iter_batches",
        lambda self, rows, columns: read.append(columns) or plain(self, rows, columns=columns),
    )
    hlm.fit_chunks("Satisfaction ~ 1 + (1 | Time)", path)
    assert sorted(read[0]) == ["Satisfaction", "Time"]
    with pytest.raises(hlm.DataError, match="The columns are: Satisfaction, NPD, BPD, Time"):
        hlm.fit_chunks("Satisfaction ~ age + (1 | Time)", path)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (7, "chunks is of type int"),
        ("nowhere.parquet", "There is no file 'nowhere.parquet'"),
        (__file__, "is not a parquet file"),
        ([], "hold no complete row"),
        ([[1, 2]], "DataFrame is needed"),
    ],
)
def test_what_is_no_source_is_refused(source, message):
    with pytest.raises(hlm.DataError, match=message):
        hlm.fit_chunks("y ~ x + (1 | g)", source)


# -- categories and missing values -----------------------------------------------------------


def test_a_category_that_comes_late_must_be_declared():
    data = hlm.load("Orthodont").astype({"Sex": str, "Subject": str})
    formula = "distance ~ age * Sex + (1 | Subject)"
    pieces = [data[data.Sex == "Male"], data[data.Sex == "Female"]]
    with pytest.raises(hlm.DataError, match="'Female', which is not in the first chunk"):
        hlm.fit_chunks(formula, pieces)
    many = hlm.fit_chunks(formula, pieces, categories={"Sex": ["Male", "Female"]})
    one = hlm.lmer(formula, data.assign(Sex=pd.Categorical(data.Sex, ["Male", "Female"])))
    np.testing.assert_allclose(many.fixef, one.fixef, rtol=1e-8)
    with pytest.raises(hlm.DataError, match="'Female', which categories= does not list"):
        hlm.fit_chunks(formula, pieces, categories={"Sex": ["Male"]})


def test_missing_values_are_left_out_or_refused():
    data = hlm.load("sleepstudy").astype({"Days": float})
    data.loc[[3, 70, 71], "Days"] = np.nan
    pieces = [data[:70], data[70:72], data[72:72], data[72:]]
    formula = "Reaction ~ Days + (1 | Subject)"
    one, many = hlm.lmer(formula, data), hlm.fit_chunks(formula, pieces)
    assert many.n_obs == one.n_obs == 177
    assert many.loglik == pytest.approx(one.loglik, abs=1e-8)
    with pytest.raises(hlm.DataError, match="1 of 70 rows of a chunk have missing values"):
        hlm.fit_chunks(formula, pieces, na_action="fail")
    with pytest.raises(hlm.ModelError, match="na_action='drop' is not known"):
        hlm.fit_chunks(formula, pieces, na_action="drop")


@pytest.mark.parametrize(
    ("formula", "error", "message"),
    [
        ("y ~ x + (1 | group) + (1 | other)", hlm.ModelError, "several grouping factors"),
        ("y ~ scale(x) + (1 | group)", hlm.ModelError, "scale.*needs all rows at once"),
        ("y ~ z + (1 | group)", hlm.DataError, "no column 'z'"),
        ("word ~ x + (1 | group)", hlm.DataError, "The outcome 'word' is not numeric"),
        ("y ~ x + (1 | one)", hlm.ModelError, "has one level"),
        ("y ~ x + (1 | each)", hlm.ModelError, "one row per group"),
        ("flat ~ x + (1 | group)", hlm.ModelError, "does not vary"),
        ("y ~ x + (0 | group)", hlm.FormulaError, "No effect stands before the bar"),
    ],
)
def test_what_cannot_be_fitted_is_refused(formula, error, message):
    data = hlm.simulate_groups(20, 10, seed=1).assign(
        word="a", one=1, flat=2.0, other=1, each=range(200)
    )
    with pytest.raises(error, match=message):
        hlm.fit_chunks(formula, in_pieces(data))


def test_group_labels_of_two_kinds_are_refused():
    data = hlm.simulate_groups(20, 10, seed=1)
    pieces = [data[:100], data[100:].astype({"group": str})]
    with pytest.raises(hlm.DataError, match="text in one chunk and numbers in another"):
        hlm.fit_chunks("y ~ x + (1 | group)", pieces)


# -- what the fit can do ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def fit():
    data = hlm.load("sleepstudy")
    return hlm.fit_chunks("Reaction ~ Days + (Days | Subject)", in_pieces(data))


@pytest.mark.parametrize(
    "ask",
    [
        lambda fit: fit.fitted,
        lambda fit: fit.resid,
        lambda fit: fit.resid_scaled,
        lambda fit: fit.refit(np.zeros(180)),
        lambda fit: fit.simulate(1),
        lambda fit: fit.predict(),
        lambda fit: hlm.refit_many(fit, np.zeros((2, 180))),
        lambda fit: np.asarray(fit.y),
        lambda fit: len(fit.frame.data),
        lambda fit: fit.frame.X.shape,
    ],
)
def test_what_needs_the_rows_says_so(fit, ask):
    with pytest.raises(hlm.ModelError, match="fitted by chunks, and its rows were not kept"):
        ask(fit)


def test_what_needs_no_rows_works(fit):
    data = hlm.load("sleepstudy")
    one = hlm.lmer("Reaction ~ Days + (Days | Subject)", data)
    assert not fit.has_rows
    assert one.has_rows
    np.testing.assert_allclose(fit.predict(data), one.fitted, rtol=1e-8)
    np.testing.assert_allclose(
        fit.predict(data, interval="confidence")["se"],
        one.predict(interval="confidence")["se"],
        rtol=1e-6,
    )
    assert fit.refit().loglik == pytest.approx(one.loglik, abs=1e-8)
    assert fit.at(sd=(20, 5), corr=0).loglik == pytest.approx(one.at(sd=(20, 5), corr=0).loglik)
    assert hlm.refit_many(fit, hlm.draw(fit, 5, seed=1)).converged.all()
    assert "Random effects" in fit.summary()
    assert "Scaled residuals" not in fit.summary()
    limits = [hlm.confint(f, method="wald") for f in (fit, one)]
    np.testing.assert_allclose(*(table.to_numpy(float) for table in limits), rtol=1e-6)
    assert pickle.loads(pickle.dumps(fit)).aic == fit.aic
