"""Django's own hashed names: a manifest says which. Imports in scripts are left as they are."""
from .settings import BASE_DIR, STATIC_DISTRIBUTION, TEMPLATES, VAR

STATIC_ROOT = VAR + '/static/'
STATIC_URL = STATIC_DISTRIBUTION
STATICFILES_STORAGE = 'django.contrib.staticfiles.storage.ManifestStaticFilesStorage'
STATICFILES_DIRS = [str(BASE_DIR / 'static'), str(BASE_DIR / 'modules')]
TEMPLATES[0]['DIRS'].insert(0, str(BASE_DIR / 'manifest-templates'))
