"""Resources of the world itself and under other names."""

import wit_world
from wit_world import Session
from wit_world.imports import base
from wit_world.imports.base import Handle


class WitWorld(wit_world.WitWorld):
    def run(self) -> list[str]:
        session = Session("me")
        other = Session.open("you")
        current = wit_world.current()
        texts = [session.label(), other.label(), current.label()]
        wit_world.close(session)
        with Handle(5) as handle:
            texts += [handle.label(), base.describe(handle)]
        return texts

    def pass_(self, s: Session) -> Session:
        return s

    def both(self, r: Handle, o: Handle) -> tuple[Handle, str]:
        return r, r.label() + o.label()
