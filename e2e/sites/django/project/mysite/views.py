"""The page that every release changes, and an editor's doors to the media files."""
import io

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.http import JsonResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from PIL import Image


def page(request, template, **context):
    response = render(request, template, {'build': settings.BUILD_VERSION, **context})
    response['Cache-Control'] = 'no-cache'
    return response


def home(request):
    return page(request, 'home.html')


def gallery(request):
    """Shows every media file, at the URL that Django's storage gives it."""
    urls = []
    for folder in ('uploads', 'thumbs'):
        if default_storage.exists(folder):
            urls += [default_storage.url(f'{folder}/{name}') for name in sorted(default_storage.listdir(folder)[1])]
    return page(request, 'gallery.html', urls=urls)


def saved(name):
    return JsonResponse({'name': name, 'url': default_storage.url(name)})


@csrf_exempt
@require_POST
def upload(request):
    """Keeps an upload under the name that Django's storage finds free."""
    file = request.FILES['file']
    return saved(default_storage.save('uploads/' + file.name, file))


@csrf_exempt
@require_POST
def delete(request):
    default_storage.delete(request.POST['name'])
    return saved(request.POST['name'])


@csrf_exempt
@require_POST
def portrait(request):
    """Derives the thumbnail of an upload, always at the same name, as image libraries do."""
    small = Image.open(request.FILES['file'])
    small.thumbnail((8, 8))
    out = io.BytesIO()
    small.save(out, 'PNG')
    name = 'thumbs/portrait.png'
    default_storage.delete(name)
    return saved(default_storage.save(name, ContentFile(out.getvalue())))
