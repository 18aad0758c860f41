package distribution

import (
	"slices"
	"time"
)

// Defaults of an origin. [LIM-15], [ORG-06]
const (
	defaultAttempts          = 3
	defaultConnectionTimeout = 10 * time.Second
	defaultReadTimeout       = 30 * time.Second
	defaultKeepAlive         = 5 * time.Second
)

func newOrigin(id string) Origin {
	return Origin{
		ID: id, HTTPPort: 80, HTTPSPort: 443,
		ConnectionAttempts: defaultAttempts, ConnectionTimeout: defaultConnectionTimeout,
		ReadTimeout: defaultReadTimeout, KeepAlive: defaultKeepAlive,
	}
}

// origins reads a map by id. A value that is text is the URL alone. Scripted
// origins are answered for by the caller and need no entry.
func (r *reader) origins(o *object, d *Distribution, scripted []string) {
	if v := o.take("origins"); v != nil {
		for _, f := range r.object(v).n.fields {
			d.Origins = append(d.Origins, r.origin(f.key, f.value))
		}
	}
	for _, id := range scripted {
		if !slices.ContainsFunc(d.Origins, func(o Origin) bool { return o.ID == id }) {
			s := newOrigin(id)
			s.Domain = id + ".origin.invalid"
			d.Origins = append(d.Origins, s)
		}
	}
}

func (r *reader) origin(id string, n *node) Origin {
	or := newOrigin(id)
	if n.kind == textKind {
		or.URL = n.text
	} else {
		o := r.object(n)
		o.text("url", &or.URL)
		o.text("domain", &or.Domain)
		o.text("path", &or.Path)
		if v := o.take("protocol"); v != nil {
			or.Protocol = oneOf(r, v, originProtocols)
		}
		o.count("httpPort", &or.HTTPPort)
		o.count("httpsPort", &or.HTTPSPort)
		if v := o.take("headers"); v != nil {
			for _, f := range r.object(v).n.fields {
				or.Headers = append(or.Headers, Header{f.key, r.text(f.value)})
			}
		}
		o.count("connectionAttempts", &or.ConnectionAttempts)
		o.duration("connectionTimeout", &or.ConnectionTimeout)
		o.duration("readTimeout", &or.ReadTimeout)
		o.duration("keepAlive", &or.KeepAlive)
		o.flag("s3", &or.S3)
		o.close()
	}
	if u := (Origin{}); or.URL != "" && u.setURL(or.URL) == nil {
		if or.Domain == "" {
			or.Domain = u.Domain
		}
		if or.Path == "" {
			or.Path = u.Path
		}
	}
	return or
}

func (r *reader) originGroups(o *object, d *Distribution) {
	v := o.take("originGroups")
	if v == nil {
		return
	}
	for _, f := range r.object(v).n.fields {
		g := OriginGroup{ID: f.key}
		in := r.object(f.value)
		in.text("primary", &g.Primary)
		in.text("secondary", &g.Secondary)
		if s := in.take("statuses"); s != nil {
			for _, item := range r.list(s) {
				g.Statuses = append(g.Statuses, r.count(item))
			}
		}
		in.close()
		d.OriginGroups = append(d.OriginGroups, g)
	}
}

// word is one of the words that a setting may be.
type word[T any] struct {
	text  string
	value T
}

var originProtocols = []word[Protocol]{
	{"match-viewer", MatchViewer}, {"http-only", HTTPOnly}, {"https-only", HTTPSOnly},
}

var viewerProtocols = []word[ViewerProtocol]{
	{"allow-all", AllowAll}, {"redirect-to-https", RedirectToHTTPS}, {"https-only", ViewerHTTPSOnly},
}

// oneOf reads one of the words.
func oneOf[T any](r *reader, n *node, words []word[T]) (value T) {
	hint := "one of "
	for i, w := range words {
		if w.text == n.text {
			return w.value
		}
		if i > 0 {
			hint += ", "
		}
		hint += w.text
	}
	r.refuse(n, "InvalidArgument", hint, "%q is not known", n.text)
	return value
}

// wordFor is how a value is written.
func wordFor[T comparable](value T, words []word[T]) string {
	for _, w := range words {
		if w.value == value {
			return w.text
		}
	}
	return ""
}
