package command

import (
	"net/http"
	"net/url"
	"strings"

	"staleproof/proxy/distribution"
	"staleproof/proxy/origin"
)

// objectStore has buckets under one URL, in path style, as MinIO and others do.
type objectStore struct {
	endpoint string // scheme://host:port
	path     string // before the bucket's name
	sign     func(*http.Request) error
}

// readObjectStore reads --s3-endpoint; nil: none was named.
func readObjectStore(endpoint string) (*objectStore, error) {
	if endpoint == "" {
		return nil, nil
	}
	u, err := url.Parse(endpoint)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.RawQuery != "" || u.User != nil {
		return nil, Usagef("--s3-endpoint http://localhost:9000", "--s3-endpoint %s is not http://HOST or https://HOST", endpoint)
	}
	return &objectStore{endpoint: u.Scheme + "://" + u.Host, path: strings.TrimSuffix(u.EscapedPath(), "/"), sign: signer()}, nil
}

// door is how origins reach a bucket, written s3://BUCKET or s3://BUCKET/PREFIX.
func (s *objectStore) door(where string) (func(distribution.Origin) (http.RoundTripper, error), error) {
	if s == nil {
		return nil, Usagef("--s3-endpoint http://localhost:9000", "%s needs --s3-endpoint or AWS_ENDPOINT_URL: staleproof calls no AWS service unasked", where)
	}
	name, prefix, _ := strings.Cut(strings.TrimPrefix(where, "s3://"), "/")
	if name == "" || name != bucketCharacters(name) {
		return nil, Usagef("", "%s names no bucket", where)
	}
	path := s.path + "/" + name
	if prefix = strings.Trim(prefix, "/"); prefix != "" {
		path += "/" + (&url.URL{Path: prefix}).EscapedPath()
	}
	return func(o distribution.Origin) (http.RoundTripper, error) {
		o.URL, o.Domain, o.Path = s.endpoint, "", path+o.Path
		t, err := origin.New(o)
		if err != nil {
			return nil, err
		}
		return &storeDoor{t, o, s}, nil
	}, nil
}

// bucketCharacters is a name without what no bucket's has.
func bucketCharacters(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-._", r) {
			return r
		}
		return -1
	}, name)
}

// storeDoor asks a store. The Host is the store's: in path style it names no bucket.
type storeDoor struct {
	*origin.Transport
	origin distribution.Origin
	store  *objectStore
}

// RoundTrip sends r to the bucket, signed if there are credentials.
func (d *storeDoor) RoundTrip(r *http.Request) (*http.Response, error) {
	out := r.Clone(r.Context())
	out.Host = ""
	if d.store.sign != nil {
		path := out.URL.RawPath
		if path == "" {
			path = out.URL.EscapedPath()
		}
		bare, err := http.NewRequest(r.Method, d.store.endpoint, nil)
		if err != nil {
			return nil, err
		}
		bare.URL.Path, bare.URL.RawPath = unescaped(d.origin.Path+path), d.origin.Path+path
		bare.URL.RawQuery = r.URL.RawQuery
		if err := d.store.sign(bare); err != nil {
			return nil, err
		}
		for name, values := range bare.Header {
			out.Header[name] = values
		}
	}
	return d.Transport.RoundTrip(out)
}

func unescaped(path string) string {
	if p, err := url.PathUnescape(path); err == nil {
		return p
	}
	return path
}
