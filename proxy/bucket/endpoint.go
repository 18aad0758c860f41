package bucket

import (
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Endpoint is a bucket as one origin of a distribution reaches it. The zero value
// but for Bucket is the REST endpoint of a bucket of which CloudFront may read
// objects, as with origin access control. It is an http.RoundTripper in the place of
// the network.
type Endpoint struct {
	Bucket *Bucket

	// Path is put before the path of every request, as an origin's path is; begins
	// with / and does not end with it. Default none. [ORG-01]
	Path string

	// Hosts are the Host names by which the bucket is known; a request for another,
	// such as the viewer's own, forwarded, finds no bucket. Nil: any will do. [S3-09]
	Hosts []string

	// Name is the bucket's in lists of its keys. Default "bucket".
	Name string

	// List is the permission s3:ListBucket: a missing key is 404 and not 403, and
	// the REST endpoint's root lists keys. [S3-02], [S3-05]
	List bool

	// Website makes it the website endpoint; nil: the REST endpoint.
	Website *Website
}

// RoundTrip answers a request from the directory. Of the URL only the path and, for
// lists, the query count. The body of an answer has one open file behind it.
func (e *Endpoint) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		r.Body.Close() // nothing is ever stored
	}
	id := newIDs()
	a := e.answer(r, id)
	h := a.header
	h.Set("Server", "AmazonS3") // [S3-01]
	h.Set("Date", e.Bucket.options.Now().UTC().Format(http.TimeFormat))
	h.Set("X-Amz-Request-Id", id.request)
	h.Set("X-Amz-Id-2", id.host)
	if r.Method == http.MethodHead && a.body != http.NoBody {
		a.body.Close()
		a.body = http.NoBody
	}
	return &http.Response{
		Status: strconv.Itoa(a.status) + " " + http.StatusText(a.status), StatusCode: a.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: h, Body: a.body, ContentLength: a.length, Request: r,
	}, nil
}

// answer is a response before it is put into HTTP's form.
type answer struct {
	status int
	header http.Header
	length int64 // of the body; -1: none is told
	body   io.ReadCloser
}

func (e *Endpoint) answer(r *http.Request, id ids) answer {
	path := r.URL.RawPath
	if path == "" {
		path = r.URL.EscapedPath()
	}
	path = e.Path + path
	if host := hostname(r.Host); e.Hosts != nil && !slices.ContainsFunc(e.Hosts, func(h string) bool { return strings.EqualFold(h, host) }) {
		return e.problem(noSuchBucket(host), id, r)
	}
	key, p := keyOf(path)
	switch {
	case p != nil:
		return e.problem(p, id, r)
	case e.Website != nil:
		return e.website(r, key, id)
	}
	if p := e.refuse(r.Method); p != nil {
		return e.problem(p, id, r)
	}
	if key == "" {
		return e.list(r, id)
	}
	o, err := e.Bucket.open(key)
	if err != nil {
		return e.problem(e.whyNot(err, key), id, r)
	}
	return e.serve(r, o, id)
}

// refuse is why a method is not for an object, nil when it is. [S3-06], [S3-07],
// [S3-35]
func (e *Endpoint) refuse(method string) *problem {
	switch method {
	case http.MethodGet, http.MethodHead:
		return nil
	case http.MethodOptions:
		return corsDisabled()
	case http.MethodPut, http.MethodDelete:
		return accessDenied()
	}
	return methodNotAllowed(method, "HEAD, DELETE, GET, PUT")
}

// whyNot is what S3 says of a key without an object. Who may not list may not learn
// that it is missing. [S3-02], [S3-17]
func (e *Endpoint) whyNot(err error, key string) *problem {
	switch {
	case err != errMissing:
		e.Bucket.note(err.Error())
		return internalError()
	case e.List:
		return noSuchKey(key)
	}
	return accessDenied()
}

// serve answers with an object, as the conditions and the range of r allow.
func (e *Endpoint) serve(r *http.Request, o *object, id ids) answer {
	status, failed := judge(r.Header, o.etag, o.modified())
	asked := r.Header.Get("Range")
	if asked != "" && !rangeHolds(r.Header, o.etag, o.modified()) {
		asked = ""
	}
	part, ok := parseRange(asked, o.size())
	switch {
	case failed != "":
		o.file.Close()
		return e.problem(preconditionFailed(failed), id, r)
	case status == http.StatusNotModified:
		o.file.Close()
		h := o.head()
		for _, name := range [...]string{"Content-Length", "Content-Type", "Content-Encoding", "Content-Language", "Content-Disposition", "Accept-Ranges"} {
			h.Del(name)
		}
		return answer{status, h, -1, http.NoBody}
	case !ok:
		o.file.Close()
		a := e.problem(invalidRange(asked, o.size()), id, r)
		a.header.Set("Content-Range", "bytes */"+strconv.FormatInt(o.size(), 10))
		return a
	}
	h := o.head()
	if part.asked {
		status = http.StatusPartialContent
		h.Set("Content-Length", strconv.FormatInt(part.length, 10))
		h.Set("Content-Range", "bytes "+strconv.FormatInt(part.from, 10)+"-"+strconv.FormatInt(part.from+part.length-1, 10)+"/"+strconv.FormatInt(o.size(), 10))
	}
	return answer{status, h, part.length, o.body(part.from, part.length)}
}

// problem is the answer that tells of p, as the endpoint tells it. HEAD has the
// status alone. [S3-03], [S3-25]
func (e *Endpoint) problem(p *problem, id ids, r *http.Request) answer {
	if e.Website != nil {
		return e.errorPage(p, id, r)
	}
	h := http.Header{"Content-Type": {"application/xml"}}
	if p.allow != "" {
		h.Set("Allow", p.allow)
	}
	return text(p.status, h, p.xml(id), r)
}

// text is an answer whose length S3 does not tell: its error documents are chunked.
// [S3-25], [S3-33]
func text(status int, h http.Header, body string, r *http.Request) answer {
	if r.Method == http.MethodHead {
		return answer{status, h, -1, http.NoBody}
	}
	return answer{status, h, -1, io.NopCloser(strings.NewReader(body))}
}

// hostname is a Host without its port.
func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return host
}

// s3Time is a time as XML of S3 has it.
func s3Time(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
