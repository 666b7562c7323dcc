from django.forms import modelform_factory
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from .models import Entry

EntryForm = modelform_factory(Entry, fields=["name", "text"])


def index(request: HttpRequest) -> HttpResponse:
    form = EntryForm(initial={"name": request.session.get("name")})
    return render(request, "guestbook/index.html", {"entries": Entry.objects.all(), "form": form})


@require_POST
def sign(request: HttpRequest) -> HttpResponse:
    form = EntryForm(request.POST)
    if not form.is_valid():
        return render(request, "guestbook/index.html", {"entries": Entry.objects.all(), "form": form}, status=400)
    entry = form.save()
    # The next time, the visitor need not write the name again.
    request.session["name"] = entry.name
    return redirect("guestbook:index")
