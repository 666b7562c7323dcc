"""pydantic-settings: values from variables, from a file and from arguments."""

import os
import tempfile

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict


class Database(BaseModel):
    host: str
    port: int = 5432


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="CHECK_", env_nested_delimiter="__")
    database: Database
    key: SecretStr = SecretStr("none")
    tags: list[str] = []


def test_variables():
    os.environ.update(CHECK_DATABASE__HOST="db", CHECK_DATABASE__PORT="1", CHECK_TAGS='["a"]', CHECK_KEY="x")
    try:
        settings = Settings()
    finally:
        for name in [name for name in os.environ if name.startswith("CHECK_")]:
            del os.environ[name]
    assert settings.database == Database(host="db", port=1) and settings.tags == ["a"]
    assert "x" not in repr(settings.key) and settings.key.get_secret_value() == "x"


def test_file():
    path = os.path.join(tempfile.mkdtemp(), "settings")
    with open(path, "w") as file:
        file.write("CHECK_DATABASE__HOST=file\n")
    assert Settings(_env_file=path).database.host == "file"


def test_missing():
    try:
        Settings()
    except ValidationError as error:
        assert error.errors()[0]["loc"] == ("database",)
        return
    raise AssertionError("settings without a value")
