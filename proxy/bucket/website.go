package bucket

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
)

// Website is a bucket's website configuration.
type Website struct {
	Index string // the suffix of folders, without a slash. Default "index.html" [S3-15]
	Error string // the key of the error document. Default none [S3-16]
}

func (w *Website) index() string {
	if w.Index == "" {
		return "index.html"
	}
	return w.Index
}

// website answers as the website endpoint does. [S3-15] to [S3-19]
func (e *Endpoint) website(r *http.Request, key string, id ids) answer {
	if r.Method != http.MethodGet && r.Method != http.MethodHead { // [S3-18]
		return e.problem(methodNotAllowed(r.Method, "GET, HEAD"), id, r)
	}
	folder := key == "" || strings.HasSuffix(key, "/")
	if folder {
		key += e.Website.index()
	}
	o, err := e.Bucket.open(key)
	if err == nil {
		if to := o.header.Get("X-Amz-Website-Redirect-Location"); to != "" { // [S3-19]
			o.file.Close()
			return e.redirect(http.StatusMovedPermanently, "Moved Permanently", to, id, r)
		}
		return e.serve(r, o, id)
	}
	if !folder && errors.Is(err, errMissing) { // [S3-15]
		if index, err := e.Bucket.open(key + "/" + e.Website.index()); err == nil {
			index.file.Close()
			to := (&url.URL{Path: "/" + key + "/"}).EscapedPath()
			return e.redirect(http.StatusFound, "Found", to, id, r)
		}
	}
	return e.problem(e.whyNot(err, key), id, r)
}

// redirect sends the viewer to another place. The query is lost. [S3-32]
func (e *Endpoint) redirect(status int, code, to string, id ids, r *http.Request) answer {
	p := &problem{status: status, code: strings.ReplaceAll(code, " ", ""), message: "Resource Found"}
	if status == http.StatusMovedPermanently {
		p.message = code
	}
	h := p.head()
	h.Set("Location", to)
	return text(status, h, p.html(id, nil), r)
}

// head is how a website names an error beside its body. [S3-30]
func (p *problem) head() http.Header {
	h := http.Header{
		"Content-Type":        {"text/html; charset=utf-8"},
		"X-Amz-Error-Code":    {p.code},
		"X-Amz-Error-Message": {p.message},
	}
	for _, d := range p.details {
		if d.name == "Key" && !strings.ContainsFunc(d.value, func(r rune) bool { return r < ' ' || r > '~' }) {
			h.Set("X-Amz-Error-Detail-Key", d.value)
		}
	}
	if p.allow != "" {
		h.Set("Allow", p.allow)
	}
	return h
}

// errorPage tells of p with the error document, for 4xx alone, or with S3's own
// page. [S3-16], [S3-30], [S3-31]
func (e *Endpoint) errorPage(p *problem, id ids, r *http.Request) answer {
	h := p.head()
	if e.Website.Error == "" || p.status < 400 || p.status > 499 || p.code == "NoSuchBucket" {
		return text(p.status, h, p.html(id, nil), r)
	}
	o, err := e.Bucket.open(e.Website.Error)
	if err != nil {
		return text(p.status, h, p.html(id, e.whyNot(err, e.Website.Error)), r)
	}
	for name, values := range o.head() {
		h[name] = values
	}
	return answer{p.status, h, o.size(), o.body(0, o.size())}
}
