"""Django: models in an SQLite file, forms, templates, users and views, by its client for tests."""

import sys
import types

import django
from django.conf import settings

settings.configure(
    SECRET_KEY="key",
    ROOT_URLCONF="check_urls",
    ALLOWED_HOSTS=["*"],
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "/tmp/check.db"}},
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
    USE_TZ=True,
)
django.setup()

from django import forms
from django.contrib.auth import get_user_model, models
from django.core.management import call_command
from django.db.models import Count
from django.http import JsonResponse
from django.template import Context, Template
from django.test import Client
from django.urls import path
from django.utils import translation


class Note(forms.Form):
    text = forms.CharField(max_length=5)
    size = forms.IntegerField(min_value=1)


def who(request):
    request.session["visits"] = request.session.get("visits", 0) + 1
    return JsonResponse({"user": request.user.username, "visits": request.session["visits"]})


def note(request):
    form = Note(request.POST)
    return JsonResponse(form.cleaned_data if form.is_valid() else form.errors, status=200 if form.is_valid() else 400)


urls = types.ModuleType("check_urls")
urls.urlpatterns = [path("who/", who), path("note/", note)]
sys.modules["check_urls"] = urls


def test_models():
    call_command("migrate", verbosity=0)
    users = get_user_model().objects
    for name in ["anna", "bert", "berta"]:
        users.create_user(name, password="secret")
    models.Group.objects.create(name="b").user_set.set(users.filter(username__startswith="b"))
    assert list(models.Group.objects.annotate(n=Count("user")).values_list("name", "n")) == [("b", 2)]
    assert users.exclude(groups__name="b").get().username == "anna"


def test_user_and_session():
    client = Client()
    assert client.login(username="anna", password="secret") and not Client().login(username="anna", password="x")
    client.get("/who/")
    assert client.get("/who/").json() == {"user": "anna", "visits": 2}


def test_form():
    assert Client().post("/note/", {"text": "é", "size": "3"}).json() == {"text": "é", "size": 3}
    with translation.override("de"):
        wrong = Client().post("/note/", {"text": "too long", "size": "x"})
        assert wrong.status_code == 400 and set(wrong.json()) == {"text", "size"}
        assert Note({}).errors["text"] == ["Dieses Feld ist zwingend erforderlich."]
    assert Client(enforce_csrf_checks=True).post("/note/").status_code == 403


def test_template():
    template = Template("{% for x in list %}{{ forloop.counter }}:{{ x|upper }} {% endfor %}")
    assert template.render(Context({"list": ["a", "<"]})) == "1:A 2:&lt; "
