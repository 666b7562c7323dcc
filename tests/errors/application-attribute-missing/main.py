def app(environ, start_response):
    return []


def add(first, second):
    return first + second
