from wit_world import exports
from wit_world.imports.records import Inner, Outer


class Records(exports.Records):
    def swap(self, a: Outer) -> Inner:
        if a.kebab_case_name is not None:
            return a.kebab_case_name
        return Inner(x=a.inner.x, y=a.inner.y + len(a.more))
