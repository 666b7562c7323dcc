from wit_world.imports import types

value = types.R1(types.R0(1), None)
assert value.a.a == 1
