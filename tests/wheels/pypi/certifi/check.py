"""certifi: the certificates as text, file and context."""

import ssl

import certifi


def test_text_and_file():
    text = certifi.contents()
    assert text.count("BEGIN CERTIFICATE") > 100
    with open(certifi.where()) as file:
        assert file.read() == text


def test_context():
    context = ssl.create_default_context(cafile=certifi.where())
    assert context.verify_mode == ssl.CERT_REQUIRED
