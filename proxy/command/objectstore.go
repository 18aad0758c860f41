package command

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"staleproof/proxy/distribution"
	"staleproof/proxy/origin"
)

// objectStore has buckets under one URL, in path style, as MinIO and others do.
type objectStore struct {
	endpoint string // scheme://host:port
	path     string // before the bucket's name
	sign     func(*http.Request) error
}

// readObjectStore reads --s3-endpoint, which is looked at only where there is a
// bucket in it: AWS_ENDPOINT_URL may be there for others. Nil: none was named.
func readObjectStore(endpoint string) (*objectStore, error) {
	if endpoint == "" {
		return nil, nil
	}
	u, err := url.Parse(endpoint)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.RawQuery != "" || u.User != nil {
		return nil, Usagef("--s3-endpoint http://localhost:9000", "--s3-endpoint %s is not http://HOST or https://HOST", endpoint)
	}
	return &objectStore{endpoint: u.Scheme + "://" + u.Host, path: strings.TrimSuffix(u.EscapedPath(), "/"), sign: signer(os.Getenv, time.Now)}, nil
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
		if s.sign != nil {
			o.Path = canonical(o.Path)
		}
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

// RoundTrip sends r to the bucket, signed if there are credentials. A path that is
// signed goes out in the one form that a store can check, with all but letters,
// digits and -._~/ encoded.
func (d *storeDoor) RoundTrip(r *http.Request) (*http.Response, error) {
	out := r.Clone(r.Context())
	out.Host = ""
	if d.store.sign == nil {
		return d.Transport.RoundTrip(out)
	}
	if out.URL.RawPath == "" {
		out.URL.RawPath = out.URL.EscapedPath()
	}
	out.URL.RawPath = canonical(out.URL.RawPath)
	bare, err := http.NewRequest(r.Method, d.store.endpoint, nil)
	if err != nil {
		return nil, fmt.Errorf("sign a request for %s: %w", d.store.endpoint, err)
	}
	bare.URL.RawPath = d.origin.Path + out.URL.RawPath
	bare.URL.Path = unescaped(bare.URL.RawPath)
	bare.URL.RawQuery = r.URL.RawQuery
	if err := d.store.sign(bare); err != nil {
		return nil, fmt.Errorf("sign a request for %s: %w", d.store.endpoint, err)
	}
	for name, values := range bare.Header {
		out.Header[name] = values
	}
	return d.Transport.RoundTrip(out)
}

// canonical is an escaped path in the form that SigV4 signs.
func canonical(path string) string {
	var b strings.Builder
	for _, c := range []byte(unescaped(path)) {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~/", c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

func unescaped(path string) string {
	if p, err := url.PathUnescape(path); err == nil {
		return p
	}
	return path
}
