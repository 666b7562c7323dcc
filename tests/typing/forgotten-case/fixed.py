from typing import Optional, assert_never

import wit_world
from componentize_py_types import Err, Ok
from wit_world.imports import shop


def words(order: shop.Order) -> list[str]:
    match order:
        case shop.Order_Nothing():
            return []
        case shop.Order_Single(name):
            return [name]
        case shop.Order_Many(value=names):
            return names
        case _:
            assert_never(order)


def letter(size: shop.Size) -> str:
    if size is shop.Size.SMALL:
        return "S"
    elif size is shop.Size.LARGE:
        return "L"
    else:
        assert_never(size)


def reason(failure: shop.Failure) -> str:
    match failure:
        case shop.Failure_OutOfStock(name):
            return name
        case shop.Failure_Closed():
            return "closed"
        case _:
            assert_never(failure)


def price(order: shop.Order) -> int:
    match shop.quote(order):
        case Ok(amount):
            return amount
        case Err(text) as quote:
            print(text.upper())
            raise quote


class WitWorld(wit_world.WitWorld):
    def run(self, names: list[str]) -> Optional[str]:
        order = shop.Order_Many(names)
        try:
            number = shop.place(order, shop.Size.LARGE) + price(order)
        except Err as error:
            if isinstance(error.value, shop.Failure_Closed):
                return None
            raise Err(str(error.value)) from error
        return f"{number}: {words(order)} {letter(shop.Size.SMALL)} {reason(shop.Failure_Closed())}"
