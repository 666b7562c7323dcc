print("loading the helper")


def load():
    return {}["key"]


load()
