from django.urls import path

from . import views

app_name = "polls"
urlpatterns = [
    path("", views.index, name="index"),
    path("<int:number>/<str:word>/", views.detail, name="detail"),
    path("vote/", views.vote, name="vote"),
    path("stream/", views.stream, name="stream"),
    path("upload/", views.upload, name="upload"),
    path("visits/", views.visits, name="visits"),
    path("migrate/", views.migrate, name="migrate"),
    path("store/", views.store, name="store"),
    path("fails/", views.fails, name="fails"),
    path("about/", views.about, name="about"),
]
