"""A greeting by Flask, for `cargo xtask bench web`."""

from flask import Flask

app = Flask(__name__)


@app.get("/")
def greet() -> str:
    return "Hello, World!\n"
