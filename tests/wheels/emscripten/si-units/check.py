"""Quantities with units in Rust."""

from si_units import BAR, CELSIUS, JOULE, KELVIN, METER, MOL, RGAS, SECOND


def test_ideal_gas():
    pressure = 75.0 * MOL * RGAS * (25.0 * CELSIUS) / (1.5 * METER**3)
    assert str(pressure).startswith("123.947851480119"), pressure
    assert f"{pressure / BAR:.2f}" == "1.24"


def test_arithmetic_of_units():
    speed = 3.0 * METER / (2.0 * SECOND)
    assert speed / (METER / SECOND) == 1.5 and (speed**2).has_unit(JOULE / JOULE * METER**2 / SECOND**2)


def test_other_units_cannot_be_added():
    try:
        1.0 * METER + 1.0 * KELVIN
    except RuntimeError as error:
        assert "K" in str(error)
    else:
        raise AssertionError("metres and kelvins were added")
