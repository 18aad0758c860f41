"""The release is a query string on every reference, those inside CSS included."""
from .settings import STATIC_DISTRIBUTION, VAR

STATIC_ROOT = VAR + '/static/'
STATIC_URL = STATIC_DISTRIBUTION
STATICFILES_STORAGE = 'mysite.storage.NestedQueryStorage'
