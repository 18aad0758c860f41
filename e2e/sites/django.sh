#!/bin/bash
# django.sh: one server of a Django site, in a folder of its own.
#
#   django.sh SERVER publish RELEASE STRATEGY   checks the release out, collects its static files and keeps its page as
#                                               rendered (run/RELEASE.html); the pages that are served stay old
#   django.sh SERVER receive RELEASE BUILD      the same from another server's folder: one build goes to many servers
#   django.sh SERVER switch RELEASE             pages come from this release from the next request on
#   django.sh SERVER deploy RELEASE STRATEGY    publish, then switch
#   django.sh SERVER serve PORT                 Apache 2.4 with mod_wsgi in the foreground, on 127.0.0.1
#
# RELEASE: mysite-1.0 or mysite-1.1. STRATEGY: path, query, nested-query, manifest or none (django/strategies).
# MAX_AGE: seconds that static and media files say they stay fresh, default one day.
# Needs Debian's python3-django, python3-pil, apache2-bin and libapache2-mod-wsgi-py3.
# By hand:
#   e2e/sites/django.sh /tmp/s deploy mysite-1.0 path && e2e/sites/django.sh /tmp/s serve 8000
#   staleproof serve --origin http://127.0.0.1:8000
set -euo pipefail

usage() { sed -n '2,17s/^# \{0,1\}//p' "$0" >&2; exit 2; }
[ $# -ge 2 ] || usage
here=$(cd "$(dirname "$0")" && pwd)
server=$1 command=$2
shift 2
mkdir -p "$server"/{releases,run,var/mysite/static,var/mysite/media}
server=$(cd "$server" && pwd)
export PYTHONDONTWRITEBYTECODE=1
umask 022 # Apache's user must read everything

# unpack NAME FOLDER...: puts the folders together as release NAME. Beside the old one, then renamed: the release
# that runs is never half there.
unpack() {
  local target="$server/releases/$1"
  shift
  rm -rf "$target.new" && mkdir -p "$target.new"
  for folder in "$@"; do cp -r "$folder/." "$target.new/"; done
  [ ! -d "$target" ] || mv "$target" "$target.old"
  mv "$target.new" "$target" && rm -rf "$target.old"
}

publish() {
  local release=$1 strategy=$2 source="$here/django" target="$server/releases/$1"
  [ -d "$source/releases/$release" ] || { echo "django.sh: no release $release in $source/releases" >&2; exit 2; }
  [ -f "$source/strategies/$strategy.py" ] || { echo "django.sh: no strategy $strategy in $source/strategies" >&2; exit 2; }
  unpack "$release" "$source/project" "$source/releases/$release"
  cp "$source/strategies/$strategy.py" "$target/mysite/strategy.py"
  # clear: without it collectstatic leaves a file alone whose copy is as new, so that a rollback within a second
  # of the deploy, or to files with their old times, changes nothing. ignore_patterns: half of the admin's files,
  # which no page here uses.
  (cd "$target" && /usr/bin/python3 manage.py shell -c "
from django.core.management import call_command
from django.test import Client
call_command('collectstatic', interactive=False, clear=True, ignore_patterns=['vendor'], verbosity=0)
open('$server/run/$release.html', 'wb').write(Client().get('/').content)")
}

receive() {
  local release=$1 build=$2 static="$server/var/mysite/static"
  unpack "$release" "$build/releases/$release"
  # As collectstatic does: its root is emptied, and that is the release's own folder if there is one.
  if [ -d "$build/var/mysite/static/$release" ]; then rm -rf "${static:?}/$release"; else find "$static" -mindepth 1 -delete; fi
  cp -r "$build/var/mysite/static/." "$static/"
}

switch() {
  [ -d "$server/releases/$1" ] || { echo "django.sh: release $1 is not published on $server" >&2; exit 2; }
  ln -sfn "releases/$1" "$server/current.new" && mv -T "$server/current.new" "$server/current"
  # mod_wsgi loads the application anew when the time of its script has changed.
  touch "$server/current/mysite/wsgi.py"
}

case $command in
publish) [ $# = 2 ] || usage; publish "$@" ;;
receive) [ $# = 2 ] || usage; receive "$@" ;;
switch) [ $# = 1 ] || usage; switch "$@" ;;
deploy) [ $# = 2 ] || usage; publish "$@"; switch "$1" ;;
serve)
  [ $# = 1 ] || usage
  export ROOT=$server PORT=$1 MAX_AGE=${MAX_AGE:-86400} MODULES=${MODULES:-/usr/lib/apache2/modules}
  root=()
  if [ "$(id -u)" = 0 ]; then root=(-D as_root); chown -R www-data "$server/var/mysite/media"; fi
  exec /usr/sbin/apache2 -D FOREGROUND "${root[@]}" -f "$here/apache.conf" ;;
*) usage ;;
esac
