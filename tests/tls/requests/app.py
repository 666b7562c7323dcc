"""requests and urllib3, which verify with certifi unless they are told otherwise."""

import requests

from program import AUTHORITY, port, program, shown


def url(name):
    return f"https://localhost:{port(name)}"


def session():
    with requests.Session() as session:
        session.verify = AUTHORITY
        return [
            session.get(f"{url('HTTPS')}/a").text,
            session.post(f"{url('HTTPS')}/b", json={"a": 1}).text,
            len(session.get(f"{url('HTTPS')}/large").content),
            session.get(f"{url('CLIENTS')}/", cert="/certificates/client.pem").status_code,
        ]


def refused():
    found = []
    for name, verify in (("HTTPS", True), ("WRONG_NAME", AUTHORITY), ("UNKNOWN", AUTHORITY), ("EXPIRED", AUTHORITY)):
        try:
            requests.get(url(name), verify=verify, timeout=60)
        except requests.exceptions.SSLError as error:
            reason = error.args[0].reason.args[0]
            found.append(f"{name}: {shown(reason)}")
    return "\n".join(found)


def unverified():
    return requests.get(f"{url('UNKNOWN')}/a", verify=False).text


Run = program(session, refused, unverified)
