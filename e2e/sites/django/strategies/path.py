"""The release is a folder: every deploy is new to every cache."""
from .release import BUILD_VERSION
from .settings import STATIC_DISTRIBUTION, VAR

STATIC_ROOT = VAR + '/static/' + BUILD_VERSION + '/'
STATIC_URL = STATIC_DISTRIBUTION + BUILD_VERSION + '/'
