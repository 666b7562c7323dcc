"""requests and urllib3."""

import requests
import urllib3

from serving import origin, serving, shown


def attempt(*request, **keywords):
    try:
        return requests.request(*request, **keywords).text
    except Exception as error:
        return shown(error)


def session():
    with requests.Session() as session:
        redirected = session.get(f"{origin()}/redirect")
        found = [
            (redirected.status_code, redirected.reason, redirected.text, [one.status_code for one in redirected.history]),
            session.get(f"{origin()}/gzip").text[:8],
            session.post(f"{origin()}/echo", json={"a": 1}, params={"q": "ü"}).json(),
            session.post(f"{origin()}/echo", data=iter([b"in ", b"chunks"])).json(),
            session.post(f"{origin()}/echo", files={"file": b"x" * 1_000_000}).json()[3] > 1_000_000,
            len(session.get(f"{origin()}/large").content),
            [line for line in session.get(f"{origin()}/stream", stream=True).iter_lines() if line],
            session.get(f"{origin()}/missing").status_code,
        ]
        pools = session.get_adapter(origin()).poolmanager.pools
        connections = [pools[key].num_connections for key in pools.keys()]
    return "\n".join(map(str, [*found, f"connections: {connections}"]))


def failures():
    secure = origin().replace("http:", "https:")
    found = [
        attempt("GET", "http://localhost:1/"),
        attempt("GET", f"{origin()}/slow", timeout=(60, 0.5)),
        attempt("GET", f"{origin()}/broken"),
        attempt("GET", f"{origin()}/silent"),
        attempt("GET", f"{secure}/hello"),
        attempt("GET", f"{secure}/hello", verify=False),
        attempt("GET", f"{origin()}/hello", headers={"Host": "example.com"}),
        attempt("GET", f"{origin()}/hello", headers={"X-Test": "a\r\nb"}),
        attempt("GET", f"{origin()}/hello", proxies={"http": origin()}),
        attempt("GET", "https://example.com/", proxies={"https": origin()}),
    ]
    return "\n".join(found)


def pool():
    with urllib3.PoolManager() as pool:
        response = pool.request("POST", f"{origin()}/echo", fields={"a": "1"}, encode_multipart=False, timeout=60)
        return response.status, response.json()


IncomingHandler = Handler = serving(session, failures, pool)
