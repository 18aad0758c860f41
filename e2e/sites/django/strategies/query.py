"""The release is a query string on the template's references; one folder holds the newest files."""
from .settings import STATIC_DISTRIBUTION, VAR

STATIC_ROOT = VAR + '/static/'
STATIC_URL = STATIC_DISTRIBUTION
STATICFILES_STORAGE = 'mysite.storage.QueryStorage'
