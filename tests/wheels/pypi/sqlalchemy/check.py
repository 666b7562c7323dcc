"""SQLAlchemy: the ORM on SQLite, in memory and in a file, and statements for others."""

import os
import tempfile

import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship, selectinload


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "user"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    posts: Mapped[list["Post"]] = relationship(back_populates="user", cascade="all, delete-orphan")


class Post(Base):
    __tablename__ = "post"
    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    user: Mapped[User] = relationship(back_populates="posts")


def engine(address="sqlite://"):
    made = sa.create_engine(address)
    Base.metadata.create_all(made)
    return made


def test_orm():
    with Session(engine()) as session:
        session.add(User(name="Ann", posts=[Post(text="one"), Post(text="two")]))
        session.commit()
        user = session.scalars(sa.select(User).options(selectinload(User.posts))).one()
        assert [post.text for post in user.posts] == ["one", "two"]
        session.delete(user)
        session.commit()
        assert session.scalar(sa.select(sa.func.count()).select_from(Post)) == 0


def test_constraint_and_rollback():
    with Session(engine()) as session:
        session.add_all([User(name="x"), User(name="x")])
        try:
            session.commit()
        except IntegrityError:
            session.rollback()
        assert session.scalars(sa.select(User)).all() == []


def test_file():
    path = os.path.join(tempfile.mkdtemp(), "check.db")
    with Session(engine(f"sqlite:///{path}")) as session:
        session.add(User(name="kept"))
        session.commit()
    with sa.create_engine(f"sqlite:///{path}").connect() as connection:
        assert connection.execute(sa.text("select name from user")).scalar() == "kept"


def test_dialects():
    statement = sa.select(User.id).where(User.name == "a").limit(1)
    assert "%(name_1)s" in str(statement.compile(dialect=postgresql.dialect()))
    assert "LIMIT %s" in str(statement.compile(dialect=mysql.dialect()))
