"""Settings of a site whose static and media files come through two CloudFront distributions.

A server is a folder: releases/<name>/ holds this code once per release, current points at the release that
answers, var/mysite/ holds what Apache serves itself.
"""
from pathlib import Path

from .release import BUILD_VERSION

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = str(BASE_DIR.parent.parent / 'var' / 'mysite')

SECRET_KEY = 'only for tests, served on loopback'
DEBUG = False
ALLOWED_HOSTS = ['*']
ROOT_URLCONF = 'mysite.urls'
USE_TZ = True

INSTALLED_APPS = [
    'django.contrib.admin',  # for its static files: a real site has a hundred that no release changes
    'django.contrib.auth',
    'django.contrib.contenttypes',
    'django.contrib.sessions',
    'django.contrib.messages',
    'django.contrib.staticfiles',
]
MIDDLEWARE = ['django.middleware.security.SecurityMiddleware', 'django.middleware.common.CommonMiddleware']
TEMPLATES = [{
    'BACKEND': 'django.template.backends.django.DjangoTemplates',
    'DIRS': [str(BASE_DIR / 'templates')],
    'APP_DIRS': True,
    'OPTIONS': {'context_processors': ['django.template.context_processors.request']},
}]

STATIC_DISTRIBUTION = 'http://d111111abcdef8.cloudfront.net/'
MEDIA_DISTRIBUTION = 'http://d222222abcdef8.cloudfront.net/'

MEDIA_ROOT = VAR + '/media/'
MEDIA_URL = MEDIA_DISTRIBUTION
FILE_UPLOAD_PERMISSIONS = 0o644

STATICFILES_DIRS = [str(BASE_DIR / 'static')]

# STATIC_ROOT, STATIC_URL and STATICFILES_STORAGE: how this deployment names its assets.
from .strategy import *  # noqa: E402,F401,F403
