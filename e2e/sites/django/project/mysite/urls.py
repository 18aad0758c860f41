from django.urls import path

from . import views

urlpatterns = [
    path('', views.home),
    path('gallery/', views.gallery),
    path('upload/', views.upload),
    path('delete/', views.delete),
    path('portrait/', views.portrait),
]
