"""Text → dates: a table of spellings, round trips against Python's datetime, and what is never read."""

import re
from datetime import UTC, date, datetime, timedelta, timezone

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from alignment_core.imports.values.dates import date_evidence, parse_dates, why_no_date

NOON = datetime(2026, 9, 30, 14, 5, 6)
DAY = datetime(2026, 9, 30)


def column(*texts):
    return pa.chunked_array([pa.array(texts, pa.string())])


def read(*texts, order=None, excel_epoch=None):
    """The values; where one fails it stands as `...`, and the reason is told exactly there."""
    parsed = parse_dates(column(*texts), order, excel_epoch)
    contradicted = date_evidence(column(*texts)).contradicts
    for text, failed in zip(texts, parsed.failed.to_pylist(), strict=True):
        reason = None if text is None else why_no_date(text, order, excel_epoch, contradicted=contradicted)
        assert (reason is not None) == failed, (text, reason)
    pairs = zip(parsed.values.to_pylist(), parsed.failed.to_pylist(), strict=True)
    return [... if failed else value for value, failed in pairs]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-09-30", DAY), ("2026-9-30", DAY), (" 2026-09-30\u00a0", DAY), ("\u200e2026-09-30", DAY), ("2026/09/30", DAY), ("2026.09.30", DAY),
        ("20260930", DAY), ("20260930140506", NOON), ("20260930T140506", NOON), ("２０２６－０９－３０", DAY),
        ("2026-09-30 14:05", NOON.replace(second=0)), ("2026-09-30T14:05:06", NOON), ("2026-09-30 14", DAY.replace(hour=14)),
        ("2026-9-30 8:05", DAY.replace(hour=8, minute=5)),
        ("2026-09-30T14:05:06.250", NOON.replace(microsecond=250_000)), ("2026-09-30 14:05:06,250", NOON.replace(microsecond=250_000)),
        ("2026-09-30T14:05:06.123456789", NOON.replace(microsecond=123_456)),
        ("9/30/2026", DAY), ("30/9/2026", DAY), ("30.09.2026", DAY), ("30-09-2026", DAY), ("30/09/26", DAY), ("9/30/26", DAY), ("30. 9. 2026", DAY),
        ("3/3/2026", datetime(2026, 3, 3)), ("9/30/2026 2:05 PM", NOON.replace(second=0)), ("9/30/2026, 2:05:06 PM", NOON),
        ("9/30/2026 2:05:06\u202fPM", NOON), ("30.09.2026 14:05", NOON.replace(second=0)), ("30/09/2026 2:05:06 p.m.", NOON), ("30/09/2026 02:05:06pm", NOON),
        ("9/30/2026 12:00 AM", DAY), ("9/30/2026 12:00 PM", DAY.replace(hour=12)),
        ("30 Sep 2026", DAY), ("30-Sep-26", DAY), ("30-Sep-2026", DAY), ("30.Sep.2026", DAY), ("30 september 2026", DAY), ("30 SEP 2026 14:05:06", NOON),
        ("Sep 30, 2026", DAY), ("Sept 30th, 2026", DAY), ("September 30 2026", DAY), ("Sep 30,2026", DAY), ("Sep. 30, 2026", DAY), ("Sep 30 '26", DAY),
        ("1st of March 2026", datetime(2026, 3, 1)), ("2026-Sep-30", DAY), ("2026 Sep 30", DAY),
        ("Wednesday, September 30, 2026 at 2:05 PM", NOON.replace(second=0)), ("Wed, 30 Sep 2026", DAY), ("Wed 9/30/2026", DAY),
        ("30. September 2026", DAY), ("1. März 2026", datetime(2026, 3, 1)), ("1. Dez. 2026", datetime(2026, 12, 1)), ("30.September 2026 um 14:05:06", NOON),
        ("30 septembre 2026", DAY), ("1er août 2026", datetime(2026, 8, 1)), ("30 de septiembre de 2026", DAY), ("30 set 2026", DAY), ("30 setembro 2026", DAY),
        ("31 december 2026", datetime(2026, 12, 31)), ("29/02/2024", datetime(2024, 2, 29)), ("1990-01-01", datetime(1990, 1, 1)),
        ("2100-12-31 23:59:59", datetime(2100, 12, 31, 23, 59, 59)), ("30/09/46", datetime(2046, 9, 30)), ("30/09/99", datetime(1999, 9, 30)),
    ],
)  # fmt: skip
def test_a_date_is_read_in_its_spelling(text, expected):
    assert read(text) == [expected]
    assert read(text, "2026-01-01", None) == [expected, datetime(2026, 1, 1), None]  # beside another spelling
    assert not parse_dates(column(text)).without_zone


@pytest.mark.parametrize(
    "text",
    [
        "2026-09-30T22:00:00Z", "2026-09-30T22:00:00.000Z", "2026-09-30 22:00:00 UTC", "2026-09-30 22:00:00+00", "2026-09-30T22:00:00.000+0000",
        "2026-10-01T00:00:00+02:00", "2026-10-01T00:00:00+0200", "2026-09-30 17:00:00-05", "2026-09-30T22:00Z", "20260930T220000Z",
        "Wed Sep 30 22:00:00 UTC 2026", "Thu Oct 01 2026 00:00:00 GMT+0200 (CEST)", "Wed, 30 Sep 2026 22:00:00 GMT", "9/30/2026 10:00 PM UTC",
        "2026-09-30 16:30:00 −05:30", "1790805600", "1790805600000",
    ],
)  # fmt: skip
def test_times_with_a_zone_are_instants(text):
    expected = datetime(2026, 9, 30, 22, tzinfo=UTC)
    assert read(text) == [expected]
    assert read(text, "N/A", "2026-09-30T22:00:00.5Z") == [expected, None, expected.replace(microsecond=500_000)]


def test_values_without_a_zone_beside_others_with_one_are_counted_and_marked():
    parsed = parse_dates(column("2026-09-30T22:00:00Z", "2026-09-30", None, "soon", "30 Sep 2026"))
    assert parsed.without_zone == 2
    assert parsed.unzoned.to_pylist() == [False, True, False, False, True]
    assert parsed.values.type == pa.timestamp("us", "UTC")
    assert parsed.values[1].as_py() == datetime(2026, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("soon", "is no date"), ("infinity", "is no date"), ("-infinity", "is no date"), ("epoch", "is no date"), ("now", "is no date"), ("today", "is no date"),
        ("yesterday", "is no date"), ("99999-01-01", "is no date"), ("2026-01-01 (BC)", "is no date"), ("Sep 2026", "is no date"), ("2026-09", "is no date"),
        ("30/09", "is no date"), ("2026-09-30x", "is no date"), ("1/2-2026", "is no date"), ("Foo 30, 2026", "is no date"), ("2026-09-30 2026-10-01", "is no date"),
        ("Sep 2026 12:00", "is no date"), ("12:30", "is no date"), ("46295", "is a number, and no date"), ("7", "is a number, and no date"),
        ("0000-01-01", "the year 0 is before 1990"), ("1020-01-01", "the year 1020 is before 1990"), ("1989-12-31", "the year 1989 is before 1990"),
        ("9999-12-31", "the year 9999 is after 2100"), ("2101-01-01T00:00:00", "the year 2101 is after 2100"), ("30/09/57", "the year 57 may be 1957 or 2057"),
        ("2026-13-01", "has month 13"), ("2026-00-01", "has month 0"), ("31/13/2026", "has month 13"),
        ("2026-06-31", "there is no 31st of June"), ("2026-06-00", "there is no 0th of June"), ("2026-02-29", "there is no 29th of February 2026"),
        ("Feb 30, 2026", "there is no 30th of February"), ("32/01/2026", "there is no 32nd of January"), ("11/31/2026", "there is no 31st of November"),
        ("2026-09-30 24:00", "has no possible time: the hour is too large"), ("2026-09-30 23:60", "has no possible time: the minute is too large"),
        ("2026-09-30 23:59:60", "has no possible time: the second is too large"), ("9/30/2026 13:00 PM", "has no possible time: an hour before a.m. or p.m. is 1 to 12"),
        ("9/30/2026 0:30 AM", "has no possible time: an hour before a.m. or p.m. is 1 to 12"),
        ("2026-09-30T10:00:00+15:00", "has a time zone that does not exist"), ("2026-09-30T10:00:00+02:75", "has a time zone that does not exist"),
        ("2026-09-30 10:00 EST", "has a time zone by a name that means several; write it as +02:00"),
        ("3/4/2026", "may have the day or the month first, and nothing decides"),
    ],
)  # fmt: skip
def test_what_is_no_date_is_told_with_its_reason(text, reason):
    assert why_no_date(text) == reason
    assert read(text, "2026-01-01") == [..., datetime(2026, 1, 1)]


def test_words_for_nothing_are_nothing():
    tokens = [
        "",
        " ",
        "\u00a0",
        "N/A",
        "-",
        "--",
        "–",
        "null",
        "None",
        "--None--",
        "-- Select --",
        "(blank)",
        "000000000000000AAA",
        None,
    ]
    assert read(*tokens, "2026-09-30") == [None] * len(tokens) + [DAY]


def test_zeros_with_other_digits_are_no_empty_id():
    assert read("000000000000001AAA") == [...]


@pytest.mark.parametrize(
    ("order", "texts", "expected"),
    [
        ("DMY", ["3/4/2026", "25/4/2026", "4/25/2026"], [datetime(2026, 4, 3), datetime(2026, 4, 25), ...]),
        ("MDY", ["3/4/2026", "25/4/2026", "4/25/2026"], [datetime(2026, 3, 4), ..., datetime(2026, 4, 25)]),
        (None, ["3/4/2026", "25/4/2026", "3/3/2026"], [..., datetime(2026, 4, 25), datetime(2026, 3, 3)]),
        (None, ["25/4/2026", "4/25/2026", "3/3/2026", "2026-04-25"], [..., ..., datetime(2026, 3, 3), datetime(2026, 4, 25)]),
    ],
)  # fmt: skip
def test_the_order_of_day_and_month(order, texts, expected):
    assert read(*texts, order=order) == expected


def test_a_value_against_the_order_is_told_so():
    assert why_no_date("04/25/2026", "DMY") == "can only have the month first"
    assert why_no_date("25.04.2026", "MDY") == "can only have the day first"
    assert why_no_date("25/04/2026", contradicted=True).endswith("the column has dates of both kinds")


@pytest.mark.parametrize("encode", [False, True])
def test_evidence_counts_every_value_of_the_column(encode):
    texts = column(
        "25/4/2026",
        "26.4.2026 10:00",
        "4/25/2026",
        "3/4/2026",
        "3/4/2026",
        "3-3-26",
        "2026-09-30",
        None,
        "soon",
        "45/4/2026",
    )
    found = date_evidence(texts.dictionary_encode() if encode else texts)
    assert (found.day_first, found.month_first, found.either, found.same) == (2, 1, 2, 1)
    assert dict(found.examples) == {
        "day_first": "25/4/2026", "month_first": "4/25/2026", "either": "3/4/2026", "same": "3-3-26",
    }  # fmt: skip
    assert found.contradicts
    assert (found.order, found.undecided) == (None, False)


def test_evidence_decides_or_does_not():
    assert date_evidence(column("25/4/2026", "3/4/2026")).order == "DMY"
    assert date_evidence(column("4/25/2026", "3/4/2026")).order == "MDY"
    assert date_evidence(column("3/4/2026")).undecided
    assert not date_evidence(column("3/3/2026", "2026-09-30")).undecided
    assert date_evidence(column(*["2026-09-30"] * 500, "25/4/2026")).day_first == 1


@pytest.mark.parametrize(
    ("epoch", "text", "expected"),
    [
        # Excel shows these numbers as these dates.
        (1900, "46295", DAY), (1900, "46295.5", DAY.replace(hour=12)), (1900, "45292", datetime(2024, 1, 1)),
        (1900, "46295.583333333336", DAY.replace(hour=14)), (1900, "46295.99999", datetime(2026, 9, 30, 23, 59, 59, 136_000)),
        (1904, "44833", DAY), (1904, "43830", datetime(2024, 1, 1)), (1900, "46295,25", DAY.replace(hour=6)),
    ],
)  # fmt: skip
def test_excels_days_are_read_where_numbers_may_be_dates(epoch, text, expected):
    assert read(text, "2026-09-30", excel_epoch=epoch) == [expected, DAY]


def test_a_day_of_excels_outside_the_years_is_told_so():
    assert why_no_date("12345", excel_epoch=1900) == "the year 1933 is before 1990"
    assert why_no_date("99999", excel_epoch=1900) == "the year 2173 is after 2100"


MONTHS = "January February March April May June July August September October November December".split()
GERMAN = "Januar Februar März April Mai Juni Juli August September Oktober November Dezember".split()
#: How a time is written, without the locale, and to which unit it is kept.
SPELLINGS = {
    "iso": (lambda t: t.isoformat(" ", "seconds"), "second"),
    "iso T": (lambda t: t.isoformat("T", "milliseconds"), "millisecond"),
    "iso day": (lambda t: t.date().isoformat(), "day"),
    "compact": (lambda t: f"{t:%Y%m%d}", "day"),
    "US": (lambda t: f"{t.month}/{t.day}/{t.year} {(t.hour + 11) % 12 + 1}:{t.minute:02} {'AP'[t.hour > 11]}M", "minute"),
    "US padded": (lambda t: f"{t.month:02}/{t.day:02}/{t.year}", "day"),
    "named": (lambda t: f"{t.day} {MONTHS[t.month - 1]} {t.year} {t.hour}:{t.minute:02}", "minute"),
    "short": (lambda t: f"{MONTHS[t.month - 1][:3]} {t.day}, {t.year}", "day"),
    "german": (lambda t: f"{t.day}. {GERMAN[t.month - 1]} {t.year}", "day"),
    "dashed": (lambda t: f"{t.day:02}-{MONTHS[t.month - 1][:3].upper()}-{t.year} {t:%H:%M:%S}", "second"),
}  # fmt: skip
UNITS = {"day": 86_400_000_000, "minute": 60_000_000, "second": 1_000_000, "millisecond": 1000}
TIMES = st.datetimes(datetime(1990, 1, 1), datetime(2100, 12, 31, 23, 59, 59))


def cut(time, unit):
    return datetime.min + (time - datetime.min) // timedelta(microseconds=UNITS[unit]) * timedelta(
        microseconds=UNITS[unit]
    )


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(TIMES, st.sampled_from(sorted(SPELLINGS))), min_size=1, max_size=12), st.booleans())
def test_a_time_drawn_and_written_in_any_spelling_reads_back(drawn, encode):
    texts = column(*(SPELLINGS[name][0](time) for time, name in drawn), None)
    parsed = parse_dates(texts.dictionary_encode() if encode else texts, "MDY")
    assert not any(parsed.failed.to_pylist())
    assert parsed.values.to_pylist() == [*(cut(time, SPELLINGS[name][1]) for time, name in drawn), None]


@settings(max_examples=100, deadline=None)
@given(
    TIMES.filter(lambda time: 1990 < time.year < 2100),
    st.integers(-14 * 4, 14 * 4),
    st.sampled_from(["seconds", "microseconds"]),
)
def test_an_instant_in_any_zone_reads_back(time, quarters, spec):
    there = time.replace(tzinfo=timezone(timedelta(minutes=15 * quarters)))
    expected = there.replace(microsecond=there.microsecond if spec == "microseconds" else 0).astimezone(UTC)
    assert read(there.isoformat("T", spec), None) == [expected, None]
    assert read(there.isoformat(" ", spec), " ") == [expected, None]


@settings(max_examples=100, deadline=None)
@given(st.dates(date(1999, 1, 1), date(2046, 12, 31)), st.sampled_from(["/", ".", "-"]), st.booleans())
def test_days_with_two_digit_years_read_back_in_both_orders(day, separator, day_first):
    parts = [day.day, day.month] if day_first else [day.month, day.day]
    text = separator.join([*(str(part) for part in parts), f"{day.year % 100:02}"])
    assert read(text, order="DMY" if day_first else "MDY") == [datetime(day.year, day.month, day.day)]


@settings(max_examples=400, deadline=None)
@given(
    st.one_of(
        st.text(max_size=30),
        st.from_regex(r"[ 0-9./:TZ+-]{1,30}", fullmatch=True),
        st.from_regex(r"[0-9]{1,4}[-/. ]([0-9]{1,2}|[A-Z][a-z]{2,8})[-/., ]{1,2}[0-9]{1,4}( [0-9]{1,2}:[0-9]{2}(:[0-9]{2})?)?( ?[AP]M|Z)?", fullmatch=True),
    )
)  # fmt: skip
@example("٢٠٢٦-٠٩-٣٠")
@example("2026-09-3０")
def test_no_text_reads_as_a_date_of_other_digits(text):
    """Each number that is written is a part of the date that is read, and nothing that was written is left over."""
    (value,) = read(text, order="DMY", excel_epoch=None)
    if (
        not isinstance(value, datetime)
        or re.fullmatch(r"\s*[0-9]{10,14}\s*", text)
        or re.search(r"[+−-]\d+:?\d*\s*$", text)
    ):
        return
    if re.fullmatch(r"\D*[0-9]{8}\D*|.*[0-9]{6}.*", text):
        assert f"{value:%Y%m%d}" in re.sub(r"\D", "", text.translate({0xFF10 + i: 48 + i for i in range(10)}))
        return
    numbers = [int(number) for number in re.findall(r"\d+", text)]
    parts = [
        value.year,
        value.year % 100,
        value.month,
        value.day,
        value.hour,
        value.hour % 12 or 12,
        value.minute,
        value.second,
    ]
    fraction = re.search(r":\d\d[.,](\d+)", text)
    if fraction:
        assert value.microsecond == int(fraction[1].ljust(6, "0")[:6])
        numbers.remove(int(fraction[1]))
    assert set(numbers) <= set(parts)
    assert {value.day} <= set(numbers)


def test_a_column_of_a_dictionary_does_not_tell_of_texts_that_no_row_has():
    texts = pa.chunked_array(
        [
            pa.DictionaryArray.from_arrays(
                pa.array([0, None, 0], pa.int32()), pa.array(["2026-09-30", "2026-09-30T10:00:00Z", "soon"])
            )
        ]
    )
    parsed = parse_dates(texts)
    assert parsed.values.to_pylist() == [DAY, None, DAY]
    assert parsed.failed.to_pylist() == [False, False, False]
    assert parsed.values.type == pa.timestamp("us")


@pytest.mark.parametrize("kind", [pa.string(), pa.dictionary(pa.int32(), pa.string())])
def test_a_column_without_rows_is_one_of_dates(kind):
    parsed = parse_dates(pa.chunked_array([], kind))
    assert (len(parsed.values), len(parsed.failed), parsed.values.type) == (0, 0, pa.timestamp("us"))


def test_parts_of_a_column_in_chunks_and_slices_are_read_alike():
    texts = ["2026-09-30", "soon", None, "30 Sep 2026", "9/30/2026"] * 3
    whole = parse_dates(column(*texts))
    chunked = pa.chunked_array([pa.array(texts)[1:4], pa.array(texts[4:9]), pa.array(texts)[9:]])
    parts = parse_dates(chunked)
    assert parts.values.to_pylist() == whole.values.to_pylist()[1:]
    assert parts.failed.to_pylist() == whole.failed.to_pylist()[1:]
