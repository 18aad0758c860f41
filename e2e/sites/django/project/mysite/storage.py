"""Static files whose URLs carry the release in the query string: css/site.css?version=mysite-1.0."""
import re

from django.conf import settings
from django.contrib.staticfiles.storage import StaticFilesStorage

REFERENCE = re.compile(r'url\((["\']?)([^)"\'?#:]+)\1\)')


def versioned(url):
    return f'{url}?version={settings.BUILD_VERSION}'


class QueryStorage(StaticFilesStorage):
    """What most sites have: the template's references are versioned, those inside CSS stay bare."""

    def url(self, name):
        return versioned(super().url(name))


class NestedQueryStorage(QueryStorage):
    """The careful version: collectstatic writes the query string into the CSS, too."""

    def post_process(self, paths, dry_run=False, **options):
        for name in paths:
            if not name.endswith('.css') or dry_run:
                continue
            path = self.path(name)
            with open(path, encoding='utf-8') as file:
                css = file.read()
            with open(path, 'w', encoding='utf-8') as file:
                file.write(REFERENCE.sub(lambda m: f'url({m[1]}{versioned(m[2])}{m[1]})', css))
            yield name, name, True
