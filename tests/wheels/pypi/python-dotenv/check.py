"""python-dotenv: values from text and from a file, and into the environment."""

import os
import tempfile
from io import StringIO

from dotenv import dotenv_values, load_dotenv, set_key

TEXT = "# comment\nNAME=app\nexport URL=\"http://${NAME}/\\n\"\nQUOTED='a # b'\n"


def test_values():
    values = dotenv_values(stream=StringIO(TEXT))
    assert values == {"NAME": "app", "URL": "http://app/\n", "QUOTED": "a # b"}, values


def test_environment():
    load_dotenv(stream=StringIO("DOTENV_CHECK=1"))
    assert os.environ["DOTENV_CHECK"] == "1"


def test_file():
    path = os.path.join(tempfile.mkdtemp(), "settings")
    open(path, "w").close()
    set_key(path, "A", "b c")
    assert dotenv_values(path) == {"A": "b c"}
