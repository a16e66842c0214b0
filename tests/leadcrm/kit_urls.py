"""The program's addresses and the style page, which is otherwise served only while DEBUG is on."""

from django.urls import path

from leadcrm.kit import kit
from leadcrm.urls import urlpatterns as program

urlpatterns = [*program, path("kit/", kit, name="kit")]
