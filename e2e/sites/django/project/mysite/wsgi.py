import os
import sys

# current/mysite/wsgi.py is reached through a link; the code beside it is found where the link points.
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
os.environ['DJANGO_SETTINGS_MODULE'] = 'mysite.settings'

from django.core.wsgi import get_wsgi_application  # noqa: E402

application = get_wsgi_application()
