package control

import (
	"fmt"
	"net/http"

	"staleproof/proxy"
)

// Explain is the body of POST explain: a request that is not sent.
type Explain struct {
	URL    string      `json:"url"`
	Method string      `json:"method,omitempty"` // default GET
	Header http.Header `json:"header,omitempty"`
	POP    string      `json:"pop,omitempty"` // edge location, by number from 1 or by name; default the first
}

func (d *Door) explainGet(r *http.Request) (any, error) {
	q := r.URL.Query()
	return d.explanation(Explain{URL: q.Get("url"), Method: q.Get("method"), POP: q.Get("pop")})
}

func (d *Door) explain(r *http.Request) (any, error) {
	var body Explain
	if err := readJSON(r, &body); err != nil {
		return nil, err
	}
	return d.explanation(body)
}

func (d *Door) explanation(e Explain) (any, error) {
	if e.Method == "" {
		e.Method = http.MethodGet
	}
	r, err := http.NewRequest(e.Method, e.URL, nil)
	if err != nil {
		return nil, err
	}
	if r.URL.Host == "" || r.URL.Scheme != "http" && r.URL.Scheme != "https" {
		return nil, fmt.Errorf("%q is no full URL; write http://host/path", e.URL)
	}
	for name, values := range e.Header {
		if http.CanonicalHeaderKey(name) == "Host" && len(values) > 0 {
			r.Host = values[0]
			continue
		}
		r.Header[http.CanonicalHeaderKey(name)] = values
	}
	if e.POP != "" {
		r.Header.Set(proxy.POPHeader, e.POP)
	}
	return d.Network.Explain(r)
}
