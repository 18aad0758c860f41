package bucket

import (
	"cmp"
	"errors"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
)

// maxListed is how many keys a list has at most. [S3-39]
const maxListed = 1000

// list answers for the root of the REST endpoint: the keys, for who may list.
// Prefix, marker and max-keys count, a delimiter does not. [S3-05], [S3-39]
func (e *Endpoint) list(r *http.Request, id ids) answer {
	if !e.List {
		return e.problem(accessDenied(), id, r)
	}
	q, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return e.problem(invalidURI(), id, r)
	}
	most := maxListed
	if n, err := strconv.Atoi(q.Get("max-keys")); err == nil && n >= 0 {
		most = min(n, maxListed)
	}
	l := &listing{bucket: e.Bucket, prefix: q.Get("prefix"), marker: q.Get("marker"), most: most}
	if err := l.walk(); err != nil {
		return e.problem(e.whyNot(err, ""), id, r)
	}
	return text(http.StatusOK, http.Header{"Content-Type": {"application/xml"}}, l.xml(cmp.Or(e.Name, "bucket")), r)
}

// listing collects keys in their order, by bytes.
type listing struct {
	bucket         *Bucket
	prefix, marker string
	most           int

	contents  []string // XML
	truncated bool
}

// errEnough ends a walk.
var errEnough = errors.New("enough keys")

func (l *listing) walk() error {
	root, err := os.OpenRoot(l.bucket.dir)
	if err != nil {
		return nil // an empty bucket
	}
	defer root.Close()
	if err := l.folder(root, "."); err != errEnough {
		return err
	}
	l.truncated = true
	return nil
}

// folder goes through a folder in the order of keys, in which "a.txt" comes before
// "a/b": a folder counts with its slash. Links to folders are not followed: they may
// go in circles.
func (l *listing) folder(root *os.Root, dir string) error {
	entries, err := fs.ReadDir(root.FS(), dir)
	if err != nil {
		return nil // gone meanwhile, or not to be read
	}
	name := func(e fs.DirEntry) string {
		if e.IsDir() {
			return e.Name() + "/"
		}
		return e.Name()
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(name(a), name(b)) })
	for _, entry := range entries {
		key := path.Join(dir, entry.Name())
		if entry.IsDir() {
			if !l.leadsTo(key + "/") {
				continue
			}
			err = l.folder(root, key)
		} else {
			err = l.add(key)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// leadsTo reports whether a folder can hold keys that are asked for.
func (l *listing) leadsTo(folder string) bool {
	return strings.HasPrefix(folder, l.prefix) || strings.HasPrefix(l.prefix, folder)
}

func (l *listing) add(key string) error {
	if !strings.HasPrefix(key, l.prefix) || key <= l.marker {
		return nil
	}
	if len(l.contents) == l.most {
		return errEnough
	}
	o, err := l.bucket.open(key)
	if errors.Is(err, errMissing) {
		return nil
	}
	if err != nil {
		return err
	}
	o.file.Close()
	l.contents = append(l.contents, "<Contents><Key>"+escape(key)+"</Key><LastModified>"+s3Time(o.modified())+"</LastModified><ETag>"+escape(o.etag)+
		"</ETag><Size>"+strconv.FormatInt(o.size(), 10)+"</Size><StorageClass>STANDARD</StorageClass></Contents>")
	return nil
}

func (l *listing) xml(name string) string {
	return `<?xml version="1.0" encoding="UTF-8"?>` + "\n" + `<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>` + escape(name) +
		"</Name><Prefix>" + escape(l.prefix) + "</Prefix><Marker>" + escape(l.marker) + "</Marker><MaxKeys>" + strconv.Itoa(l.most) +
		"</MaxKeys><IsTruncated>" + strconv.FormatBool(l.truncated) + "</IsTruncated>" + strings.Join(l.contents, "") + "</ListBucketResult>"
}
