"""`ssl` without TLS: everything up to the handshake works, which is the host's part."""

import ast
import asyncio
import http.client
import http.server
import imaplib
import smtplib
import socket
import ssl
import urllib.request
from typing import Any

import wit_world


def configured() -> ssl.SSLContext:
    """What libraries do with a context."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.options |= ssl.OP_NO_TICKET
    context.set_alpn_protocols(["h2", "http/1.1"])
    context.set_ciphers("ECDHE+AESGCM")
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.keylog_filename = None
    context.hostname_checks_common_name = False
    context.set_servername_callback(lambda *arguments: None)
    return context


def evaluate(source: str) -> Any:
    tree = ast.parse(source)
    *statements, last = tree.body
    scope: dict[str, Any] = dict(globals())
    exec(compile(ast.Module(statements, []), "source", "exec"), scope)
    assert isinstance(last, ast.Expr)
    return eval(compile(ast.Expression(last.value), "source", "eval"), scope)


class WitWorld(wit_world.WitWorld):
    def run(self, source: str) -> str:
        try:
            return repr(evaluate(source))
        except Exception as error:
            return f"{type(error).__name__}: {error}"
