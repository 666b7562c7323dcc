"""A blueprint with templates of its own."""

from typing import Any

from flask import Blueprint, render_template, session

shop = Blueprint("shop", __name__, template_folder="templates")


@shop.get("/")
def basket() -> Any:
    return render_template("shop/basket.html", user=session.get("user"))


@shop.get("/<int:number>/<path:rest>")
def item(number: int, rest: str) -> Any:
    return f"{number + 1} {rest}"
