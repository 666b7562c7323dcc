"""Passwords: hashes that other programs made, and our own."""

import bcrypt

KNOWN = [
    (b"Kk4DQuMMfZL9o", b"$2b$04$cVWp4XaNU8a4v1uMRum2SO", b"$2b$04$cVWp4XaNU8a4v1uMRum2SO026BWLIoQMD/TXg5uZV.0P.uO8m3YEm"),
    (b"9IeRXmnGxMYbs", b"$2b$04$pQ7gRO7e6wx/936oXhNjrO", b"$2b$04$pQ7gRO7e6wx/936oXhNjrOUNOHL1D0h1N2IDbJZYs.1ppzSof6SPy"),
]


def test_the_extension_is_native():
    assert bcrypt._bcrypt.__file__.endswith(".so")


def test_known_hashes():
    for password, salt, hashed in KNOWN:
        assert bcrypt.hashpw(password, salt) == hashed
        assert bcrypt.checkpw(password, hashed) and not bcrypt.checkpw(password + b"x", hashed)


def test_new_hashes():
    salts = {bcrypt.gensalt(4) for _ in range(20)}
    assert len(salts) == 20 and all(salt.startswith(b"$2b$04$") for salt in salts)
    hashed = bcrypt.hashpw("schöner Gruß".encode(), salts.pop())
    assert len(hashed) == 60 and bcrypt.checkpw("schöner Gruß".encode(), hashed)


def test_keys_from_passwords():
    key = bcrypt.kdf(password=b"password", salt=b"salt", desired_key_bytes=32, rounds=4, ignore_few_rounds=True)
    assert key.hex() == "5bbf0cc293587f1c3635555c27796598d47e579071bf427e9d8fbe842aba34d9"


def test_errors():
    for arguments in ((b"password", b"$2b$04$short"), (b"x" * 73, bcrypt.gensalt(4))):
        try:
            bcrypt.hashpw(*arguments)
        except ValueError:
            pass
        else:
            raise AssertionError(arguments)
