// Package control is the door for other people's tests: the clock, invalidations,
// faults, events, counts, and why.
//
// It speaks JSON over HTTP under /staleproof/v1/ and decides nothing. It is meant
// for the loopback interface: requests whose Host is not the address it listens
// on, or whose Origin is another site, are refused, so that a web page cannot
// reach it. No call takes a file's name.
package control

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"staleproof/docs"
	"staleproof/proxy"
	"staleproof/proxy/control/cloudfront"
	"staleproof/proxy/fault"
)

// Prefix is what the paths of all calls begin with.
const Prefix = "/staleproof/v1/"

// maxBodyBytes is the largest body of a call.
const maxBodyBytes = 1 << 20

// Door answers the calls about one network.
type Door struct {
	Network *proxy.Network
	Clock   *proxy.Clock
	Faults  *fault.Set  // of the network's Config; nil: none can be set
	Feed    *proxy.Feed // of the network's Config; nil: there are no events
	// Hosts are names beside loopback addresses, and addresses beside that of the
	// connection, under which the door may be called, without port.
	Hosts []string
	// CloudFront is CloudFront's own API, at its own paths; nil: there is none.
	CloudFront *cloudfront.API
}

// route is one of the door's own calls. The document of the calls, docs/openapi.yaml,
// has the same ones.
type route struct {
	method, path string
	// answer gives what is sent as JSON; nil: serve does it all.
	answer func(*http.Request) (any, error)
	serve  http.HandlerFunc
	query  []string // the parameters that it takes
}

// strict reports whether a call is one of the JSON kind: who scrapes metrics, or reads the
// document, may ask as he likes.
func (r *route) strict() bool { return r.answer != nil || r.path == Prefix+"events" }

// knows refuses parameters that a call does not take: one that is mistyped would choose
// nothing, in silence.
func (r *route) knows(q url.Values) error {
	for _, name := range slices.Sorted(maps.Keys(q)) {
		if !slices.Contains(r.query, name) {
			if len(r.query) == 0 {
				return fmt.Errorf("%s: this call takes no parameters", name)
			}
			return fmt.Errorf("%s: this call takes %s", name, strings.Join(r.query, ", "))
		}
	}
	return nil
}

func (d *Door) routes() []route {
	return []route{
		{"GET", Prefix + "clock", d.clock, nil, nil},
		{"POST", Prefix + "clock", d.moveClock, nil, nil},
		{"POST", Prefix + "invalidations", d.invalidate, nil, nil},
		{"GET", Prefix + "invalidations", d.list, nil, []string{"limit", "after"}},
		{"GET", Prefix + "invalidations/{id}", d.progress, nil, nil},
		{"POST", Prefix + "batches", d.batch, nil, []string{"distribution"}},
		{"GET", Prefix + "bill", d.bill, nil, []string{"month"}},
		{"GET", Prefix + "explain", d.explainGet, nil, []string{"url", "method", "pop"}},
		{"POST", Prefix + "explain", d.explain, nil, nil},
		{"GET", Prefix + "keys", d.keys, nil, []string{"limit", "after", "path", "pop"}},
		{"POST", Prefix + "forget", d.forget, nil, nil},
		{"POST", Prefix + "reset", d.reset, nil, nil},
		{"GET", Prefix + "origins", d.origins, nil, nil},
		{"GET", Prefix + "counts", d.counts, nil, nil},
		{"GET", Prefix + "faults", d.faults, nil, nil},
		{"POST", Prefix + "faults", d.addFault, nil, nil},
		{"DELETE", Prefix + "faults", d.clearFaults, nil, nil},
		{"DELETE", Prefix + "faults/{name}", d.deleteFault, nil, nil},
		{"GET", Prefix + "events", nil, d.events, []string{"kind", "distribution", "pop", "result", "url"}},
		{"GET", Prefix + "openapi.yaml", nil, openAPI, nil},
		{"GET", "/metrics", nil, d.metrics, nil},
	}
}

// Handler is the door as a handler. Its table of calls is made when the first one
// comes: it takes longer than all else of the door, and many a server has none.
func (d *Door) Handler() http.Handler {
	calls := sync.OnceValue(d.calls)
	return d.guard(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { calls().ServeHTTP(w, r) }))
}

func (d *Door) calls() *http.ServeMux {
	mux := http.NewServeMux()
	for _, r := range d.routes() {
		serve := r.serve
		if serve == nil {
			serve = answering(r.answer)
		}
		mux.HandleFunc(r.method+" "+r.path, func(w http.ResponseWriter, req *http.Request) {
			if err := r.knows(req.URL.Query()); err != nil && r.strict() {
				refuse(w, err)
				return
			}
			serve(w, req)
		})
	}
	if d.CloudFront != nil {
		mux.Handle(cloudfront.Prefix, d.CloudFront.Handler())
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		writeJSON(w, http.StatusNotFound, failure{Error: "there is no call " + r.Method + " " + r.URL.Path + "; see docs/CONTROL.md"})
	})
	return mux
}

func openAPI(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/yaml")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Write(docs.OpenAPI)
}
