"""Faker: providers and languages that are found by their names."""

from faker import Faker


def test_seed():
    values = []
    for _ in range(2):
        fake = Faker()
        fake.seed_instance(7)
        values.append((fake.name(), fake.address(), fake.email(), fake.date_of_birth(minimum_age=18)))
    assert values[0] == values[1] and all(values[0])


def test_languages():
    fake = Faker(["de_DE", "ja_JP"])
    fake.seed_instance(1)
    assert any(ord(c) > 0x3000 for c in fake["ja_JP"].name())
    assert fake["de_DE"].postcode().isdigit() and fake["de_DE"].iban().startswith("DE")


def test_unique():
    fake = Faker()
    numbers = {fake.unique.random_int(1, 50) for _ in range(50)}
    assert len(numbers) == 50
