"""Alembic: migrations of an SQLite file, up, down, and by comparison with a model."""

import os
import tempfile

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations import Operations

MIGRATION = '''"""first"""
import sqlalchemy as sa
from alembic import op

revision = "1"
down_revision = None


def upgrade():
    op.create_table("user", sa.Column("id", sa.Integer, primary_key=True))
    with op.batch_alter_table("user") as batch:
        batch.add_column(sa.Column("name", sa.String(20)))


def downgrade():
    op.drop_table("user")
'''

ENVIRONMENT = """
from alembic import context
from sqlalchemy import create_engine

with create_engine(context.config.get_main_option("sqlalchemy.url")).connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""


def test_commands():
    folder = tempfile.mkdtemp()
    os.mkdir(os.path.join(folder, "versions"))
    for name, text in [("env.py", ENVIRONMENT), ("versions/1.py", MIGRATION)]:
        with open(os.path.join(folder, name), "w") as file:
            file.write(text)
    url = f"sqlite:///{folder}/check.db"
    config = Config()
    config.set_main_option("script_location", folder)
    config.set_main_option("sqlalchemy.url", url)
    engine = sa.create_engine(url)
    command.upgrade(config, "head")
    assert [column["name"] for column in sa.inspect(engine).get_columns("user")] == ["id", "name"]
    command.downgrade(config, "base")
    assert not sa.inspect(engine).has_table("user")


def test_comparison():
    metadata = sa.MetaData()
    sa.Table("item", metadata, sa.Column("id", sa.Integer, primary_key=True))
    with sa.create_engine("sqlite://").connect() as connection:
        (change,) = compare_metadata(MigrationContext.configure(connection), metadata)
    assert change[0] == "add_table" and change[1].name == "item"


def test_operations():
    with sa.create_engine("sqlite://").connect() as connection:
        operations = Operations(MigrationContext.configure(connection))
        operations.create_table("t", sa.Column("a", sa.Integer))
        operations.create_index("t_a", "t", ["a"])
        assert sa.inspect(connection).get_indexes("t")[0]["column_names"] == ["a"]
