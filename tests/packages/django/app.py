"""What `django-admin startproject` makes, set up while building; requests come when the component runs."""

import datetime
import io
import os
import sys
from importlib import resources
from typing import Any, List

os.environ["DJANGO_SETTINGS_MODULE"] = "mysite.settings"

import django
from attempts import attempts
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, JsonResponse
from django.test import Client
from django.urls import path, resolve, reverse
from django.utils import formats, translation

settings.DEBUG = False
settings.ALLOWED_HOSTS = ["*"]
settings.DATABASES["default"]["NAME"] = ":memory:"
django.setup()

import mysite.urls  # which asks for the admin, so that it must be set up


def hello(request: HttpRequest, name: str) -> JsonResponse:
    return JsonResponse({"hello": name, "query": request.GET.dict()})


mysite.urls.urlpatterns.append(path("hello/<str:name>/", hello))
application = get_wsgi_application()



def served() -> Any:
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/hello/you/",
        "QUERY_STRING": "a=1",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.url_scheme": "http",
    }
    status: List[str] = []
    body = b"".join(application(environ, lambda line, headers: status.append(line)))
    return status[0], body.decode()


def client() -> Any:
    return Client().get("/hello/test/").json()


def admin() -> Any:
    return reverse("admin:index"), resolve("/admin/auth/user/").view_name


def translated() -> Any:
    with translation.override("de"):
        return translation.gettext("Monday"), formats.date_format(datetime.date(2026, 1, 2), "SHORT_DATE_FORMAT")


def rendered() -> Any:
    from django.template import Context, Template

    return Template("{% for x in y %}{{ x|title }} {% endfor %}").render(Context({"y": ["one", "two"]})).strip()


def page() -> Any:
    response = Client().get("/admin/login/")
    return response.status_code, "<title>Log in | Django site admin</title>" in response.text


def validated() -> Any:
    from django import forms

    class Form(forms.Form):
        email = forms.EmailField()
        size = forms.IntegerField(min_value=1)

    form = Form({"email": "nobody", "size": "0"})
    return form.is_valid(), form.errors.get_json_data()


def stored() -> Any:
    from django.contrib.auth import authenticate, get_user_model
    from django.contrib.auth.hashers import PBKDF2PasswordHasher
    from django.core.management import call_command

    PBKDF2PasswordHasher.iterations = 1000
    call_command("migrate", verbosity=0)
    user = get_user_model().objects.create_user("ada", password="correct horse")
    return authenticate(username="ada", password="correct horse") == user, authenticate(username="ada", password="no")


def data() -> Any:
    import words

    return words.motto(), resources.files("words").joinpath("more/names.txt").read_text().split()


WitWorld = attempts(served, client, admin, translated, rendered, page, validated, stored, data)
