import wit_world as WitWorld
