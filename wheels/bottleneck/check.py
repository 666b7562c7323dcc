"""Reductions with gaps, moving windows and partial sorting in C, compared with NumPy."""

import bottleneck
import numpy as np

DATA = np.random.default_rng(5).normal(size=(40, 300))
GAPS = np.where(DATA > 1, np.nan, DATA)


def test_reductions():
    assert bottleneck.reduce.__file__.endswith(".so")
    for name in ("nansum", "nanmean", "nanstd", "nanvar", "nanmin", "nanmax", "nanmedian"):
        for axis in (None, 0, 1):
            ours, theirs = getattr(bottleneck, name)(GAPS, axis=axis), getattr(np, name)(GAPS, axis=axis)
            assert np.allclose(ours, theirs), (name, axis)
    assert bottleneck.allnan([np.nan]) and bottleneck.anynan(GAPS) and bottleneck.ss(DATA) == (DATA**2).sum() or np.isclose(bottleneck.ss(DATA), (DATA**2).sum())
    assert (bottleneck.nanargmax(GAPS, axis=1) == np.nanargmax(GAPS, axis=1)).all()


def test_moving_windows():
    windows = np.lib.stride_tricks.sliding_window_view(DATA, 9, axis=1)
    for name in ("sum", "mean", "std", "min", "max", "median"):
        moved = getattr(bottleneck, f"move_{name}")(DATA, 9, axis=1)
        assert np.isnan(moved[:, :8]).all() and np.allclose(moved[:, 8:], getattr(np, name)(windows, axis=-1)), name
    assert np.allclose(bottleneck.move_mean([1, np.nan, 3.0], 2, min_count=1), [1, 1, 3])
    assert bottleneck.move_rank([1.0, 3, 2], 3)[2] == 0 and bottleneck.move_argmax([1.0, 3, 2], 2).tolist()[1:] == [0, 1]


def test_sorting():
    smallest = bottleneck.partition(DATA, 4, axis=1)[:, :5]
    assert np.array_equal(np.sort(smallest, axis=1), np.sort(DATA, axis=1)[:, :5])
    assert bottleneck.rankdata([10, 30, 20, 20]).tolist() == [1, 4, 2.5, 2.5]
    assert bottleneck.push([1, np.nan, np.nan, 2.0], n=1).tolist()[:2] == [1, 1]


def test_replacing():
    values = np.array([1, np.nan, 3.0])
    bottleneck.replace(values, np.nan, 2)
    assert values.tolist() == [1, 2, 3]


def test_errors():
    for function in (lambda: bottleneck.move_sum(DATA, 0), lambda: bottleneck.nansum(DATA, axis=5), lambda: bottleneck.nanargmin([np.nan])):
        try:
            function()
        except ValueError as error:
            assert str(error)
        else:
            raise AssertionError("accepted")
