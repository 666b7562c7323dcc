import urllib.request

WEATHER = urllib.request.urlopen("http://127.0.0.1:9/weather").read()


def app(environ, start_response):
    start_response("200 OK", [])
    return [WEATHER]
