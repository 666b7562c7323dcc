import queue
import threading

jobs: queue.Queue = queue.Queue()


def work():
    while True:
        jobs.get()


worker = threading.Thread(target=work)
worker.start()
worker.join()


def app(environ, start_response):
    start_response("200 OK", [])
    return [b""]
