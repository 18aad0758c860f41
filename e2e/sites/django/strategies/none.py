"""The half-way set-up: a CDN in front, the same names in every release."""
from .settings import STATIC_DISTRIBUTION, VAR

STATIC_ROOT = VAR + '/static/'
STATIC_URL = STATIC_DISTRIBUTION
