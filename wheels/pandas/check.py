"""Frames: groups, joins, time series, and text formats, for which pandas has extensions of its own."""

import io
import json
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd


def sales():
    return pd.DataFrame({"city": ["Bern", "Oslo", "Bern", "Lima"], "year": [2024, 2024, 2025, 2025], "sold": [3, 5, 7, 11]})


def test_groups():
    total = sales().groupby("city")["sold"].agg(["sum", "mean", "count"])
    assert total.loc["Bern"].tolist() == [10, 5, 2] and total.index.tolist() == ["Bern", "Lima", "Oslo"]
    table = sales().pivot_table(index="city", columns="year", values="sold", aggfunc="sum", fill_value=0)
    assert table.loc["Bern"].tolist() == [3, 7] and table.loc["Oslo"].tolist() == [5, 0]
    assert sales().groupby("year")["sold"].transform(lambda group: group / group.sum()).round(3).tolist() == [0.375, 0.625, 0.389, 0.611]


def test_joins():
    lands = pd.DataFrame({"city": ["Bern", "Oslo", "Rome"], "land": ["CH", "NO", "IT"]})
    inner = sales().merge(lands, on="city")
    assert inner["land"].tolist() == ["CH", "NO", "CH"]
    outer = sales().merge(lands, on="city", how="outer", indicator=True)
    assert outer["_merge"].value_counts().to_dict() == {"both": 3, "left_only": 1, "right_only": 1}
    quotes = pd.DataFrame({"t": [1, 4, 9], "price": [10.0, 11.0, 12.0]})
    trades = pd.DataFrame({"t": [2, 5, 8]})
    assert pd.merge_asof(trades, quotes, on="t")["price"].tolist() == [10, 11, 11]


def test_time_series():
    hours = pd.date_range("2026-03-28", periods=72, freq="h", tz="Europe/Berlin")
    series = pd.Series(np.arange(72), index=hours)
    # The second day has 23 hours.
    assert series.resample("D").count().tolist() == [24, 23, 24, 1]
    assert series.rolling("2h").sum().iloc[-1] == 141
    assert series.tz_convert("UTC").index[0] == pd.Timestamp("2026-03-27 23:00", tz="UTC")
    assert pd.period_range("2026-01", periods=3, freq="M").astype(str).tolist() == ["2026-01", "2026-02", "2026-03"]
    assert pd.bdate_range("2026-11-27", periods=2)[1] == pd.Timestamp("2026-11-30")


def test_time_zones():
    moment = pd.Timestamp(datetime(2026, 7, 1, 12, tzinfo=ZoneInfo("America/New_York")))
    assert moment.tz_convert("Asia/Tokyo").isoformat() == "2026-07-02T01:00:00+09:00"
    assert pd.Timestamp("2026-01-01", tz="Europe/London").utcoffset().total_seconds() == 0
    assert pd.to_datetime(["28.11.2026", "1.12.2026"], dayfirst=True).day_name().tolist() == ["Saturday", "Tuesday"]
    assert pd.Timedelta("1 days 02:30:00") / pd.Timedelta("30min") == 53


def test_csv():
    text = 'name,born,score\n"Ada, Countess",1815-12-10,1.5\nAlan,1912-06-23,\n'
    table = pd.read_csv(io.StringIO(text), parse_dates=["born"])
    assert table["name"].tolist() == ["Ada, Countess", "Alan"]
    assert table["born"].dt.year.tolist() == [1815, 1912] and table["score"].isna().tolist() == [False, True]
    assert table.to_csv(index=False) == text
    assert len(pd.read_csv(io.StringIO("x\n" + "\n".join(map(str, range(10_000)))), chunksize=None)) == 10_000


def test_json():
    text = sales().to_json(orient="records")
    assert json.loads(text)[0] == {"city": "Bern", "year": 2024, "sold": 3}
    assert pd.read_json(io.StringIO(text), orient="records").equals(sales())


def test_missing_and_text():
    series = pd.Series(["ä", None, "bc"], dtype="str")
    assert series.str.upper().tolist()[::2] == ["Ä", "BC"] and series.isna().sum() == 1
    whole = pd.Series([1, None, 3], dtype="Int64")
    assert whole.sum() == 4 and whole.fillna(0).tolist() == [1, 0, 3]
    assert pd.Categorical(["b", "a", "b"]).codes.tolist() == [1, 0, 1]


def test_statistics():
    frame = pd.DataFrame({"x": np.arange(10.0), "y": np.arange(10.0)[::-1]})
    assert frame.corr().loc["x", "y"] == -1 and frame["x"].rank().tolist() == list(range(1, 11))
    assert frame["x"].describe()["50%"] == 4.5 and pd.cut(frame["x"], 2, labels=["low", "high"]).value_counts()["low"] == 5
    assert frame["x"].ewm(span=3).mean().iloc[-1].round(4) == 8.0098


def test_printing_and_sorting():
    assert str(sales().sort_values("sold", ascending=False).head(1)) == "   city  year  sold\n3  Lima  2025    11"
    assert sales().nlargest(2, "sold")["city"].tolist() == ["Lima", "Bern"]
    assert sales().query("sold > 4 and year == 2025")["city"].tolist() == ["Bern", "Lima"]
