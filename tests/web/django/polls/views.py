from typing import Any, Iterator

from django import forms
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from .models import Question


class Vote(forms.Form):
    choice = forms.IntegerField(min_value=1, max_value=3)


def index(request: HttpRequest) -> HttpResponse:
    return render(request, "polls/index.html", {"questions": ["why", "what for"], "name": request.GET.get("name", "you")})


def detail(request: HttpRequest, number: int, word: str) -> HttpResponse:
    if number > 9:
        raise Http404("no such question")
    return HttpResponse(f"{number + 1} {word}")


def vote(request: HttpRequest) -> HttpResponse:
    form = Vote(request.POST or None)
    if form.is_valid():
        return redirect("polls:detail", form.cleaned_data["choice"], "thanks")
    return JsonResponse({"errors": form.errors}, status=400)


def stream(request: HttpRequest) -> StreamingHttpResponse:
    def lines() -> Iterator[str]:
        for number in range(3):
            yield f"line {number}\n"

    return StreamingHttpResponse(lines(), content_type="text/plain")


@csrf_exempt
@require_POST
def upload(request: HttpRequest) -> JsonResponse:
    file: Any = request.FILES["file"]
    return JsonResponse({"name": file.name, "size": file.size, "note": request.POST["note"], "lines": len(list(file))})


def visits(request: HttpRequest) -> HttpResponse:
    request.session["visits"] = request.session.get("visits", 0) + 1
    return HttpResponse(str(request.session["visits"]))


def migrate(request: HttpRequest) -> HttpResponse:
    call_command("migrate", verbosity=0, run_syncdb=True)
    get_user_model().objects.create_superuser("ada", password="correct horse")
    return HttpResponse("migrated")


def store(request: HttpRequest) -> JsonResponse:
    question, made = Question.objects.get_or_create(text="why?")
    Question.objects.filter(pk=question.pk).update(votes=F("votes") + 2)
    found = list(Question.objects.filter(votes__gt=1).values_list("text", "votes"))
    return JsonResponse({"made": made, "found": found, "vendor": connection.vendor})


def fails(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("not for the client")


def about(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"url": request.build_absolute_uri(), "secure": request.is_secure(), "agent": request.headers.get("User-Agent")})
