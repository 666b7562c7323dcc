def app(one, two, three, four):
    pass
